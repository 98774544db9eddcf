/* Sessions that are authenticated and sealed (netipc/crypto): what there is beside a hello when the
 * configuration has keys. Then a node's name and identity are bound to its public key, hellos are
 * only beacons, under a key that all members have, and the handshake takes the place of the others:
 *
 *      A                                  B
 *      BEACON, to all ──────────────────►     A is new here, or down, or of another epoch
 *      ◄───────────────────── INITIATION      B's attempt; it changes nothing at A
 *      RESPONSE ────────────────────────►     A is there: B ends the old session, begins the new
 *      ◄────────────────────────── SEALED     B is there: A ends the old session, begins the new
 *
 * The roles share no state. An answer is good for `dead_after` and one only is kept for a peer; a
 * session that begins otherwise ends it, an attempt of another life of the peer does not. So
 * nothing that is delayed begins a session that the peer does not have. If both have begun, the
 * handshake of the node with the larger public key goes on.
 *
 * An attempt is repeated as a new one, at growing intervals; the next beacon starts over. What is
 * refused is counted by its reason, and named in the log once a second at most, a warning no matter
 * what else was named. */
#ifndef NETIPC_SECURE_H
#define NETIPC_SECURE_H

#include "netipc/core/state.h"
#include "netipc/crypto/cookie.h"
#include "netipc/crypto/freshness.h"
#include "netipc/crypto/handshake.h"
#include "netipc/crypto/protect.h"

/* The keys of a session. */
struct protection {
        struct protect_sender sender;
        struct protect_receiver receiver;
};

/* A session that its initiator has not confirmed yet. */
struct secure_answer {
        uint32_t local_index;
        uint64_t until;
        struct core_address address;
        struct wire_hello hello; /* what the peer said of itself, as a hello would */
        struct protection protection;
};

struct secure_peer {
        struct freshness freshness;
        struct cookie_held cookie;
        uint8_t meeting; /* enum meeting_state */
        struct handshake_initiator initiator;
        struct secure_answer answer;
};

struct secure {
        struct identity self;
        const struct keys *keys;
        uint32_t costs[CIPHERS];
        uint8_t beacon_key[MAC_KEY];
        struct cookie_jar jar;
        uint64_t attempts; /* of this life, to all peers */
        uint64_t refused[CRYPTO_REFUSALS];
        uint64_t said_until[2];     /* by level: nothing is logged before */
        struct secure_peer peers[]; /* by slot */
};

/* Makes core->secure of the configuration's keys and the core's epoch. False without memory, or if
 * they are not this node's. */
bool secure_make(struct core *core);
void secure_free(struct core *core);

/* Whether the sender of a hello has a key in the cluster, under that name. */
bool secure_knows(const struct core *core, const struct wire_hello *hello);

/* The trailer of a beacon: of the `count` bytes in front of it. */
void secure_beacon_seal(const struct core *core, uint8_t *packet, size_t count);
bool secure_beacon_right(const struct core *core, const uint8_t *packet, size_t count);

/* Makes an attempt to meet a peer, in place of one that may be under way. Returns when the next one
 * is due if no response comes, or CORE_NEVER. */
uint64_t secure_begin(struct core *core, struct peer *peer, uint64_t now);

/* Whether an attempt of that peer, in the life of which its hello tells, was answered and may still
 * be confirmed. */
bool secure_answered(const struct core *core, const struct peer *peer,
                     const struct wire_hello *hello, uint64_t now);

/* Nothing is known of the peer in that slot any more. */
void secure_forget(struct core *core, unsigned slot);

/* Takes a packet of any type but HELLO and CLEAR. */
void secure_packet(struct core *core, struct core_address from, const struct wire_outer *outer,
                   const uint8_t *packet, size_t length, uint64_t now);

/* Seals a packet of a session in its place: `used` bytes, with the outer header. False: the session
 * has to end. */
bool secure_seal(struct session *session, uint8_t *packet, size_t used, uint64_t number,
                 uint64_t now);

#endif
