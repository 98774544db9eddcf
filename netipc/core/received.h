/* Which packet numbers have come, and when that is to be acknowledged (frames/ack.c does).
 *
 * A window of RECEIVED_WINDOW numbers below the largest; what is older counts as received. An ACK
 * goes out with the next packet; alone, at once for every second packet and for one that came out
 * of order, else after ACK_DELAY (RFC 9000, 13.2). Where nothing was lost for long, at once only
 * for several together: each ACK costs both nodes as much as a short message, and a window that has
 * grown that long does not wait for each. */
#ifndef NETIPC_RECEIVED_H
#define NETIPC_RECEIVED_H

#include "netipc/core/state.h"

enum {
        ACK_DELAY = 5 * 1000 * 1000,     /* ns */
        ACK_EVERY = 2,                   /* packets */
        ACK_TOGETHER = 8,                /* places in the sender's window … */
        ACK_RUN = 256,                   /* … once so many packets have come without a gap */
        ASKED_AFTER = 100 * 1000 * 1000, /* ns: in which who was refused asks again, some times */
};

/* Whether the packet is a duplicate, or too old to tell. Number 0 is never used: true. */
bool received_before(const struct received *received, uint64_t number);

/* Notes a packet that received_before() did not know, and that takes so many places in its sender's
 * window; 0: it elicits no acknowledgement. */
void received_note(struct received *received, uint64_t number, unsigned places, uint64_t now);

/* Notes that there was no room for a packet that received_before() did not know: it is not
 * acknowledged, but the peer is told (BUSY), as far as there is a place to note it; beyond that it
 * will find a loss. */
void received_busy(struct received *received, uint64_t number);

/* Whether an ACK or a BUSY is to be sent even if nothing else is. `credit`: what the sender was
 * given. */
bool received_ack_due(const struct received *received, uint16_t credit, uint64_t now);

/* How many numbers from `number` downwards are received or, if not `present`, missing; at most
 * `most`. */
unsigned received_run(const struct received *received, uint64_t number, bool present,
                      unsigned most);

#endif
