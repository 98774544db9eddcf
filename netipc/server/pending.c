/* A table with a free list. A cookie holds the entry's serial number, so that a late answer does
 * not meet the entry's next use. */
#include "netipc/server/pending.h"
#include <stddef.h>

struct pending_call *pending_add(struct pending *pending, enum pending_kind kind, handle_t reply)
{
        uint32_t index;
        if (pending->first_free) {
                index = pending->first_free - 1;
                pending->first_free = pending->calls[index].next_free;
        } else if (pending->used < PENDING_MAX) {
                index = pending->used++;
        } else {
                return NULL;
        }
        struct pending_call *call = &pending->calls[index];
        call->kind = (uint8_t)kind;
        call->serial++;
        call->reply = reply;
        call->core_handle = 0;
        call->started = 0;
        call->fetch = NULL;
        pending->under_way++;
        pending->added = true;
        return call;
}

uint64_t pending_cookie(const struct pending *pending, const struct pending_call *call)
{
        return (uint64_t)call->serial << 32 | (uint64_t)(call - pending->calls);
}

struct pending_call *pending_find(struct pending *pending, uint64_t cookie)
{
        uint32_t index = (uint32_t)cookie;
        if (index >= pending->used)
                return NULL;
        struct pending_call *call = &pending->calls[index];
        return call->kind != PENDING_FREE && call->serial == cookie >> 32 ? call : NULL;
}

struct pending_call *pending_by_reply(struct pending *pending, handle_t reply)
{
        for (uint32_t i = 0; i < pending->used; i++)
                if (pending->calls[i].kind != PENDING_FREE && pending->calls[i].reply == reply)
                        return &pending->calls[i];
        return NULL;
}

void pending_forget(struct pending *pending, const struct fetch *fetch)
{
        for (uint32_t i = 0; i < pending->used; i++)
                if (pending->calls[i].fetch == fetch)
                        pending->calls[i].fetch = NULL;
}

void pending_remove(struct pending *pending, struct pending_call *call)
{
        call->kind = PENDING_FREE;
        pending->under_way--;
        call->next_free = pending->first_free;
        pending->first_free = (uint32_t)(call - pending->calls) + 1;
}
