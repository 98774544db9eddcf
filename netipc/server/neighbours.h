/* Who has which Ethernet address (RFC 826), on a network on which anybody may claim anything.
 *
 * How far a claim can be believed decides what it may change:
 *
 *      heard   the sender of a UDP packet to us: adds one that is not known, changes nothing. If it
 *              contradicts what is known, the address is asked for.
 *      told    the sender of ARP to us: adds and changes
 *      hinted  the sender of other ARP, an announcement for instance: changes one that is known
 *
 * Whoever answers ARP in another's name can redirect the other's packets, as on any such network.
 * Nothing less can, and nothing evicts a neighbour in use: an address has four places, of which the
 * least recently used is taken, unless it was used within NEIGHBOUR_IN_USE.
 *
 * Pure; time is ns of any steady clock. */
#ifndef NETIPC_SERVER_NEIGHBOURS_H
#define NETIPC_SERVER_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>
#include "netipc/server/ethernet.h"

enum { NEIGHBOUR_SETS = 64, NEIGHBOUR_PLACES = 4 };

#define NEIGHBOUR_IN_USE    5000000000ull
#define NEIGHBOUR_ASK_PAUSE 1000000000ull

struct neighbour {
        uint32_t address; /* 0: free */
        uint8_t mac[ETHERNET_ADDRESS];
        uint64_t used;  /* when something was last sent there; 0: never */
        uint64_t asked; /* when it was last asked for because of a contradiction; 0: never */
};

struct neighbours {
        struct neighbour entry[NEIGHBOUR_SETS][NEIGHBOUR_PLACES];
};

/* Whether an IPv4 and an Ethernet address can be those of one station. */
bool neighbour_possible(uint32_t address, const uint8_t *mac);

/* The Ethernet address of a neighbour to which something is sent now; NULL: it is not known. */
const uint8_t *neighbours_use(struct neighbours *neighbours, uint32_t address, uint64_t now);

/* True: the address is to be asked for by ARP. */
bool neighbours_heard(struct neighbours *neighbours, uint32_t address, const uint8_t *mac,
                      uint64_t now);
void neighbours_told(struct neighbours *neighbours, uint32_t address, const uint8_t *mac,
                     uint64_t now);
void neighbours_hinted(struct neighbours *neighbours, uint32_t address, const uint8_t *mac);

#endif
