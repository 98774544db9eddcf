/* The packets that make a session: Noise IKpsk2 (noise.h) in this protocol's clothes.
 *
 *      initiator A                            responder B
 *      INITIATION  index, node A,  ───────►   handshake_admit   mac1; under load also mac2
 *                  Noise 1 (offer),           handshake_read    who it is, and is it for us
 *                  mac1, mac2                 freshness_check   is it new (freshness.h)
 *      handshake_finish        ◄────────────  handshake_answer  RESPONSE: Noise 2 (reply), mac1
 *      first packet ──────────────────────►   now B's new session begins, and an old one ends
 *
 *      handshake_cookie_read   ◄────────────  COOKIE  instead, under load
 *
 * The roles share nothing: who answers a peer and has begun himself has two handshakes, and
 * identity_first() says which of them goes on. An initiation is not repeated: after a time without
 * an answer a new attempt is made, so no two packets have the same ephemeral key.
 *
 * The prologue binds what is not a key: version, cluster, both short ids, and the initiator's
 * index. All packets begin with the outer header (16 bytes), which the caller writes first and
 * checks first; mac1 covers it. Reading is total: any bytes are taken or refused. A refusal changes
 * nothing, but that handshake_admit counts.
 *
 * Pure: time and randomness are given. */
#ifndef NETIPC_CRYPTO_HANDSHAKE_H
#define NETIPC_CRYPTO_HANDSHAKE_H

#include "netipc/crypto/cipher.h"
#include "netipc/crypto/cookie.h"
#include "netipc/crypto/identity.h"
#include "netipc/crypto/refusal.h"

enum { HANDSHAKE_HEADER = 16, HANDSHAKE_PARAMETERS = 16 };

/* What the initiator says, sealed in the first message. */
struct handshake_offer {
        uint8_t epoch[IDENTITY_EPOCH];      /* of the initiator */
        uint8_t peer_epoch[IDENTITY_EPOCH]; /* of the life it wants; zero: any */
        uint64_t attempt;                   /* grows with each initiation of this epoch; not 0 */
        uint32_t costs[CIPHERS];            /* cipher.h; the unit is ns for 1 KiB */
        uint8_t parameters[HANDSHAKE_PARAMETERS]; /* of the session, for the layer above */
};

/* What the responder says, sealed in the second message. */
struct handshake_reply {
        uint8_t epoch[IDENTITY_EPOCH]; /* of the responder */
        uint32_t index;                /* for the receiver field of packets to it; not 0 */
        uint8_t cipher;                /* enum cipher: one of those offered */
        uint8_t reserved[3];
        uint8_t parameters[HANDSHAKE_PARAMETERS];
};

/* Behind the outer header. */
struct handshake_initiation {
        uint32_t index; /* for the receiver field of packets to the initiator; not 0 */
        uint32_t reserved;
        uint64_t node; /* short id of the initiator */
        uint8_t noise[NOISE_FIRST_OVERHEAD + sizeof(struct handshake_offer)];
        uint8_t mac1[COOKIE_MAC];
        uint8_t mac2[COOKIE_MAC];
};

struct handshake_response {
        uint8_t noise[NOISE_SECOND_OVERHEAD + sizeof(struct handshake_reply)];
        uint8_t mac1[COOKIE_MAC];
};

struct handshake_cookie {
        uint8_t sealed[COOKIE_SEALED];
};

_Static_assert(sizeof(struct handshake_offer) == 64, "the layout on the wire");
_Static_assert(sizeof(struct handshake_reply) == 40, "the layout on the wire");
_Static_assert(sizeof(struct handshake_initiation) == 208, "the layout on the wire");
_Static_assert(sizeof(struct handshake_response) == 104, "the layout on the wire");
_Static_assert(offsetof(struct handshake_initiation, noise) == 16, "the layout on the wire");
_Static_assert(offsetof(struct handshake_initiation, mac1) == 176, "the layout on the wire");

enum {
        HANDSHAKE_INITIATION = HANDSHAKE_HEADER + sizeof(struct handshake_initiation), /* 224 */
        HANDSHAKE_RESPONSE = HANDSHAKE_HEADER + sizeof(struct handshake_response),     /* 120 */
        HANDSHAKE_COOKIE = HANDSHAKE_HEADER + sizeof(struct handshake_cookie),         /* 72 */
};

struct handshake_initiator {
        struct noise_initiator noise;
        uint32_t index;
        uint32_t costs[CIPHERS];
        uint8_t ephemeral[NOISE_KEY];  /* the public one; names the handshake */
        uint8_t peer_mac_key[MAC_KEY]; /* of what goes to the responder */
        uint8_t mac1[COOKIE_MAC];      /* of the initiation, for a cookie */
};

struct handshake_responder {
        struct noise_responder noise;
        uint32_t peer_index;
        uint8_t peer_mac_key[MAC_KEY]; /* of what goes to the initiator */
};

/* What a finished handshake gives to either side. Secret: to be wiped when protect.h has it. */
struct handshake_result {
        struct noise_split split;
        enum cipher cipher;
        uint32_t peer_index;
        uint8_t peer_epoch[IDENTITY_EPOCH];
        uint8_t peer_parameters[HANDSHAKE_PARAMETERS];
        uint8_t
            ephemeral[NOISE_KEY]; /* the initiator's public one: names the handshake (keylog.h) */
};

/* --- initiator */

/* Writes the initiation of HANDSHAKE_INITIATION bytes to the node with the public key `peer`.
 * `offer->epoch` is that of `self`. `random` are NOISE_KEY fresh bytes. False: the peer's key is
 * none. */
bool handshake_begin(struct handshake_initiator *initiator, const struct identity *self,
                     const uint8_t peer[NOISE_KEY], uint32_t index,
                     const struct handshake_offer *offer, const struct cookie_held *held,
                     const uint8_t random[NOISE_KEY], uint8_t *packet, uint64_t now);

/* A response has come, for the initiator's index. If it is refused, the initiator waits on. */
enum crypto_refusal handshake_finish(struct handshake_initiator *initiator,
                                     const struct identity *self, const uint8_t *packet,
                                     size_t length, struct handshake_result *result);

/* A cookie has come, for the initiator's index: the next attempt shows it. */
enum crypto_refusal handshake_cookie_read(const struct handshake_initiator *initiator,
                                          struct cookie_held *held, const uint8_t *packet,
                                          size_t length, uint64_t now);

/* --- responder, in this order */

/* What costs little: form, mac1, load. CRYPTO_REFUSED_COOKIE asks for handshake_cookie_write. */
enum crypto_refusal handshake_admit(const struct identity *self, struct cookie_jar *jar,
                                    uint32_t address, uint16_t port, const uint8_t *packet,
                                    size_t length, uint64_t now);

/* Writes the cookie for an initiation that was refused for want of one: HANDSHAKE_COOKIE bytes; its
 * header's receiver is handshake_index() of the initiation. `random` are fresh bytes. */
void handshake_cookie_write(const struct identity *self, struct cookie_jar *jar, uint32_t address,
                            uint16_t port, const uint8_t *initiation,
                            const uint8_t random[COOKIE_NONCE + COOKIE_SECRET], uint8_t *packet,
                            uint64_t now);

/* Of an initiation that was admitted: whom it says it is from, and the index that it gives. */
uint64_t handshake_node(const uint8_t *initiation);
uint32_t handshake_index(const uint8_t *initiation);

/* Reads an initiation that was admitted, of the node whose public key is `peer`. Then the caller
 * asks freshness_check(), and only then answers. */
enum crypto_refusal handshake_read(struct handshake_responder *responder,
                                   const struct identity *self, const uint8_t peer[NOISE_KEY],
                                   const uint8_t *initiation, struct handshake_offer *offer);

/* Writes the response of HANDSHAKE_RESPONSE bytes, and ends the responder. `reply` is complete but
 * for the cipher, which is chosen here. `random` are NOISE_KEY fresh bytes. The keys count only
 * when a packet under them has come. */
enum crypto_refusal handshake_answer(struct handshake_responder *responder,
                                     const struct identity *self,
                                     const struct handshake_offer *offer,
                                     const uint32_t costs[CIPHERS], struct handshake_reply *reply,
                                     const uint8_t random[NOISE_KEY], uint8_t *packet,
                                     struct handshake_result *result);

#endif
