/* How nodes meet: discovery by beacons, and a handshake of three hellos.
 *
 *      A                                B
 *      BEACON, to all ────────────────►     A is new here, or down, or of another epoch
 *      ◄──────────────── OFFER (b)          b: B's nonce for its next session with A
 *      ANSWER (a, b) ─────────────────►     b came back, so A is alive: B starts the session
 *      ◄──────────────── CONFIRM (b, a)     a came back: A ends the old session, starts this one
 *      ◄──────── clear packets ───────►     CONFIRM is repeated until the first of them has come
 *
 * A session is the pair of nonces, each random and used once. So a delayed or repeated hello starts
 * nothing and ends nothing, a node that restarted is met anew, and if one side has lost the
 * session, both have lost it before they meet again. Offers may cross: both nodes then make the
 * same pair. */
#ifndef NETIPC_HELLO_H
#define NETIPC_HELLO_H

#include "netipc/core/state.h"

/* A hello packet, its trailer already checked. */
void hello_packet(struct core *core, struct core_address from, const struct wire_hello *hello,
                  uint64_t now);

/* A hello that is not understood, its trailer already checked: its sender's version is another. */
void hello_of_another_version(struct core *core, struct core_address from, uint64_t now);

/* What this node says of itself: a hello but for its kind, index and nonces. */
struct wire_hello hello_own(const struct core *core);

/* The peer's fresh nonce, or a packet under fresh keys, came back: the peer is alive now. Ends the
 * session that stands, if any, and makes the next one of peer->nonce, peer->index and the hello.
 * False without memory. */
bool hello_session(struct core *core, struct peer *peer, const struct wire_hello *hello,
                   bool confirmed, uint64_t now);

/* The peer with an identity that is known to be right; NULL if there is no room for one more. It is
 * met at `from` unless a session stands. */
struct peer *hello_peer(struct core *core, uint64_t node, const char *name,
                        struct core_address from);

/* Sends the beacon, which is due at core->beacon_time, and the offers that are due. */
void hello_tick(struct core *core, uint64_t now);

/* When the next offer to a peer is due. */
static inline uint64_t hello_deadline(const struct peer *peer)
{
        return peer->used ? peer->offer_time : CORE_NEVER;
}

/* Repeats the CONFIRM of a session that we confirmed. */
void hello_confirm(struct session *session);

#endif
