/* The other nodes. The transport announces when one comes or goes.
 *
 *      a table changes ──"changed (node, version)"──> each peer, until it has acknowledged that
 *      who is told of a version that it does not have ──"changes since …"──> that node alone
 *
 * Who comes is asked once, and told once what version there is, so that it does not matter who met
 * whom first. When nothing changes, nothing is sent.
 *
 * A peer's right also dies with this node's own transport, and that does not tell of its peers any
 * more. Its names are away then, as `receiver died`, which may end at once; a peer that the next
 * transport does not announce within PEER_RETURN is out of reach: `link lost`. */
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

/* A node says that its table is at `version` of `instance`. It may lie, also about who it is: that
 * costs one question to the node that is named. */
void peer_changed(struct names *names, struct text node, uint64_t instance, uint64_t version);

/* Those whose right has died. */
void peers_sweep(struct names *names, uint64_t now);

/* Asks and tells them. To be called from the event loop. */
void peers_work(struct names *names, uint64_t now);

/* The calls that ask and tell the peer in this place have completed: collect their answers. */
void peer_answered(struct names *names, unsigned place, uint64_t now);
void peer_was_told(struct names *names, unsigned place, uint64_t now);

#endif
