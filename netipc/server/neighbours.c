/* A table of sets of four; see neighbours.h for what may change an entry. */
#include "netipc/server/neighbours.h"
#include <string.h>

enum {
        IPV4_LOOPBACK = 127,        /* the first byte */
        IPV4_MULTICAST_FIRST = 224, /* and everything above: no single stations */
        MAC_GROUP = 1,              /* bit of the first byte */
};

bool neighbour_possible(uint32_t address, const uint8_t *mac)
{
        static const uint8_t none[ETHERNET_ADDRESS];
        unsigned first = address >> 24;
        return first != 0 && first != IPV4_LOOPBACK && first < IPV4_MULTICAST_FIRST &&
               !(mac[0] & MAC_GROUP) && memcmp(mac, none, ETHERNET_ADDRESS) != 0;
}

static struct neighbour *places_of(struct neighbours *neighbours, uint32_t address)
{
        return neighbours->entry[(address * 2654435761u) >> 26];
}

static struct neighbour *find(struct neighbours *neighbours, uint32_t address)
{
        struct neighbour *places = places_of(neighbours, address);
        for (unsigned i = 0; i < NEIGHBOUR_PLACES; i++)
                if (places[i].address == address)
                        return &places[i];
        return NULL;
}

static void add(struct neighbours *neighbours, uint32_t address, const uint8_t *mac, uint64_t now)
{
        struct neighbour *places = places_of(neighbours, address), *place = places;
        for (unsigned i = 0; i < NEIGHBOUR_PLACES && place->address; i++)
                if (places[i].address == 0 || places[i].used < place->used)
                        place = &places[i];
        if (place->address && place->used && now < place->used + NEIGHBOUR_IN_USE)
                return;
        *place = (struct neighbour){.address = address};
        memcpy(place->mac, mac, ETHERNET_ADDRESS);
}

const uint8_t *neighbours_use(struct neighbours *neighbours, uint32_t address, uint64_t now)
{
        struct neighbour *known = find(neighbours, address);
        if (!known)
                return NULL;
        known->used = now;
        return known->mac;
}

bool neighbours_heard(struct neighbours *neighbours, uint32_t address, const uint8_t *mac,
                      uint64_t now)
{
        if (!neighbour_possible(address, mac))
                return false;
        struct neighbour *known = find(neighbours, address);
        if (!known) {
                add(neighbours, address, mac, now);
                return false;
        }
        if (memcmp(known->mac, mac, ETHERNET_ADDRESS) == 0 ||
            (known->asked && now < known->asked + NEIGHBOUR_ASK_PAUSE))
                return false;
        known->asked = now;
        return true;
}

void neighbours_told(struct neighbours *neighbours, uint32_t address, const uint8_t *mac,
                     uint64_t now)
{
        if (!neighbour_possible(address, mac))
                return;
        struct neighbour *known = find(neighbours, address);
        if (known)
                memcpy(known->mac, mac, ETHERNET_ADDRESS);
        else
                add(neighbours, address, mac, now);
}

void neighbours_hinted(struct neighbours *neighbours, uint32_t address, const uint8_t *mac)
{
        struct neighbour *known = find(neighbours, address);
        if (known && neighbour_possible(address, mac))
                memcpy(known->mac, mac, ETHERNET_ADDRESS);
}
