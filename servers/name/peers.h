/* The other nodes: the transport tells when one comes and goes. Each is asked for the changes of
 * its table each second, and told when this node's has changed. */
#ifndef NAME_PEERS_H
#define NAME_PEERS_H

#include "servers/name/names.h"

/* right: that node's directory; it is the peer's, whatever the outcome. INVALID, OVERLOADED. */
outcome_t peer_up(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                  handle_t right);
/* reason: enum reason; said of all its names from then on. Nothing happens if the node is up with
 * another epoch. */
outcome_t peer_down(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                    uint64_t reason);

/* Asks all peers at the next turn of the loop: one of them has news. */
void peers_ask_soon(struct names *names);

/* Collects answers and asks again. To be called from the event loop. */
void peers_work(struct names *names, uint64_t now);

#endif
