/* See clients.h. The first place is never given out. */
#include "servers/fs/clients.h"

#include <assert.h>
#include <stddef.h>

#define BADGE_CLIENT    (1ull << 62)
#define GENERATION_MASK ((BADGE_CLIENT >> BADGE_GENERATION) - 1)
enum { BADGE_GENERATION = 16, PLACE_MASK = (1 << BADGE_GENERATION) - 1 };

_Static_assert((unsigned)CLIENTS <= (unsigned)PLACE_MASK, "a place's number fits its bits");

uint64_t client_add(struct clients *clients)
{
        for (uint64_t i = 1; i < CLIENTS; i++) {
                struct client *client = &clients->list[i];
                if (client->badge)
                        continue;
                const uint64_t generation = ++clients->count & GENERATION_MASK;
                client->badge = BADGE_CLIENT | generation << BADGE_GENERATION | i;
                client->held = true;
                client->opens = 0;
                return client->badge;
        }
        return 0;
}

struct client *client_find(struct clients *clients, uint64_t badge)
{
        const uint64_t place = badge & PLACE_MASK;
        if (!(badge & BADGE_CLIENT) || place >= CLIENTS || clients->list[place].badge != badge)
                return NULL;
        return &clients->list[place];
}

void client_opened(struct client *client)
{
        client->opens++;
}

static void client_free_if_idle(struct client *client)
{
        if (!client->held && client->opens == 0)
                client->badge = 0;
}

void client_closed(struct client *client)
{
        assert(client->opens > 0);
        client->opens--;
        client_free_if_idle(client);
}

void client_gone(struct client *client)
{
        client->held = false;
        client_free_if_idle(client);
}
