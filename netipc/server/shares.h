/* What this node has is divided among its peers, so that none can use up another's share.
 *
 *      among those that are up        places in the receive ring (credit_of), call objects
 *                                     (far_calls.h)
 *      among those that are expected  tables, and memory for messages that are not complete or not
 *                                     acknowledged
 *
 * All of it fits the manifest's memory and the ring, with 32 nodes too (tests/unit/transport):
 * the call objects' buffers take 4.8 MiB at most, what waits for room in the core 1.5, content 3.9,
 * tables 1.6, the image 1. */
#ifndef NETIPC_SERVER_SHARES_H
#define NETIPC_SERVER_SHARES_H

#include "netipc/core/core.h"

enum { SHARES_BUFFERS = 256 }; /* of the receive ring that are divided, at most */

/* Places, each a buffer of the driver's receive ring, that each of `peers` (1 or more) peers may
 * have under way to this node: its part of the ring, without room for what may come beyond the
 * credit (wire_beyond). They fit the ring where it has WIRE_PROBES + 1 buffers for each peer.
 * `packet_size`: bytes of UDP payload that this node takes. */
uint16_t credit_of(unsigned buffers, unsigned peers, size_t packet_size);

/* Sets what a peer gets, in the configuration and in the pool of far calls. `nodes`: the names of
 * those that are expected, this one's among them, with commas between; "": one peer. */
void share_out(struct core_config *config, const char *nodes);

#endif
