/* Messages of other nodes to programs here: calls, which a call object of the pool carries
 * (far_calls.h) until the core has their answers, one-way messages, and what is said to the reply
 * rights, events and snapshots of this node.
 *
 * Context: the transport's thread. delivery_room(), _take() and _cancel() are the core's callbacks
 * (core_environment has their contracts), in which the core must not be called; deliveries_lost()
 * is for another of them. All others call the core. */
#ifndef NETIPC_SERVER_DELIVERIES_H
#define NETIPC_SERVER_DELIVERIES_H

#include "netipc/core/core.h"
#include "netipc/server/fetches.h"

bool delivery_room(void *context, uint64_t token, uint8_t peer, uint32_t bytes);
outcome_t delivery_take(void *context, uint64_t token, enum wire_capability_kind type,
                        core_call_t far, const struct core_message *from);
void delivery_cancel(void *context, core_call_t far, enum reason reason);

/* The call in this place of the pool has completed: answers its far caller. */
void delivery_done(unsigned place);

/* The snapshots of a request, or of an answer through a reply right, are here: it is delivered. */
void delivery_fetched(struct fetch *fetch);

/* They do not come: whoever sent it, or waits for it, learns why. */
void delivery_unfetched(struct fetch *fetch);

/* Before a flush: gives the core the answers that it had no room for, and takes from it what there
 * was no room for here. */
void deliveries_work(void);

/* The session with a peer (its slot) is lost: ends its calls, of which none is answered. */
void deliveries_lost(uint8_t peer);

#endif
