/* Which port a MAC address is behind: the addresses given on the command line, which are fixed, and
 * a bounded table of learned ones, which age. */
#ifndef SWITCH_MACS_H
#define SWITCH_MACS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/switch/mac.h"

enum { MACS_MAX = 256 };

#define MAC_AGE_NS UINT64_C(300000000000) /* IEEE 802.1Q-2014, 8.8.3: 300 s */

struct mac_entry {
        struct mac mac;
        bool fixed;
        unsigned port;
        uint64_t seen; /* ns */
};

struct macs {
        struct mac_entry entries[MACS_MAX];
        unsigned count;
};

/* Adds an address that is never learned elsewhere and never ages. False if the table is full or has
 * it already. */
bool macs_fix(struct macs *macs, struct mac mac, unsigned port);

/* Notes that a frame from `mac` came in at `port`. Group addresses and fixed ones teach nothing.
 * When the table is full, the learned address that was silent for longest makes room. */
void macs_learn(struct macs *macs, struct mac mac, unsigned port, uint64_t now);

/* Finds the port of an address; false if it is unknown or its entry is too old. */
bool macs_find(const struct macs *macs, struct mac mac, uint64_t now, unsigned *port);

#endif
