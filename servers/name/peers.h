/* The other nodes. The transport announces when one comes or goes. Each is asked every second what
 * has changed in its table, and told when this node's table has changed. */
#ifndef NAME_PEERS_H
#define NAME_PEERS_H

#include "servers/name/names.h"

/* right: that node's directory; it belongs to the peer, whatever the outcome. INVALID, OVERLOADED.
 */
outcome_t peer_up(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                  handle_t right);
/* reason: enum reason; said of all its names from then on. Nothing happens if the node is up with
 * another epoch. */
outcome_t peer_down(struct names *names, struct text node, uint64_t epoch_high, uint64_t epoch_low,
                    uint64_t reason);

/* One of the peers has news: all are asked at the next turn of the loop. */
void peers_ask_soon(struct names *names);

/* Asks and tells them again. To be called from the event loop. */
void peers_work(struct names *names, uint64_t now);

/* The calls that ask and tell the peer in this place have completed: collect their answers. */
void peer_answered(struct names *names, unsigned place, uint64_t now);
void peer_was_told(struct names *names, unsigned place);

#endif
