/* Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b (The Noise Protocol Framework, revision 34), and nothing of
 * this protocol's own: prologue and payloads are bytes.
 *
 *      before        <- s                  the initiator knows the responder's static key
 *      first         -> e, es, s, ss       32 + 48 + (payload + 16) bytes
 *      second        <- e, ee, se, psk     32 + (payload + 16) bytes
 *
 * The two roles are two types, so that no state can take the other's part. Reading never changes a
 * state unless it succeeds: a forged message does not cost the true one its chance.
 *
 * What each message proves. The first: that its sender had the initiator's static key once; not
 * when, since it may be a repetition, and its payload can be read by who gets the responder's key
 * later. The second: that its sender has the responder's static key and the shared key, now. That
 * the initiator is there now, the responder knows only by the first packet under the keys of the
 * split; until then it sends nothing under them and ends nothing for them.
 *
 * Pure: no I/O, no clock, no allocation; randomness is given. Secrets are wiped where they are not
 * needed any more. */
#ifndef NETIPC_CRYPTO_NOISE_H
#define NETIPC_CRYPTO_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        NOISE_KEY = 32,
        NOISE_TAG = 16,
        NOISE_HASH = 64,
        NOISE_FIRST_OVERHEAD = NOISE_KEY + NOISE_KEY + NOISE_TAG + NOISE_TAG,
        NOISE_SECOND_OVERHEAD = NOISE_KEY + NOISE_TAG,
};

struct noise_pair {
        uint8_t public_key[NOISE_KEY];
        uint8_t secret[NOISE_KEY];
};

/* What one side knows before the first message. */
struct noise_terms {
        const struct noise_pair *self; /* its static key */
        const uint8_t *psk;            /* NOISE_KEY bytes */
        const void *prologue;          /* the same on both sides, or nothing authenticates */
        size_t prologue_length;
};

/* Section 5.2 of the framework: SymmetricState with its CipherState. */
struct noise_symmetric {
        uint8_t hash[NOISE_HASH];
        uint8_t chaining_key[NOISE_HASH];
        uint8_t key[NOISE_KEY];
};

struct noise_initiator {
        struct noise_symmetric symmetric;
        struct noise_pair ephemeral;
};

struct noise_responder {
        struct noise_symmetric symmetric;
        uint8_t remote_ephemeral[NOISE_KEY];
        uint8_t remote_static[NOISE_KEY]; /* authenticated, but perhaps long ago; see above */
};

/* What both sides have in the end: a secret for each direction. */
struct noise_split {
        uint8_t from_initiator[NOISE_KEY];
        uint8_t from_responder[NOISE_KEY];
        uint8_t hash[NOISE_HASH]; /* of the whole handshake: names it */
};

/* Makes a pair of `random`, NOISE_KEY bytes that nobody can guess. */
void noise_pair_make(struct noise_pair *pair, const uint8_t random[NOISE_KEY]);

/* Writes the first message to `message`: NOISE_FIRST_OVERHEAD and `length` bytes. `remote` is the
 * responder's static key, `random` NOISE_KEY fresh bytes. False: the remote key is none (its point
 * has a small order). */
bool noise_first_write(struct noise_initiator *initiator, const struct noise_terms *terms,
                       const uint8_t remote[NOISE_KEY], const uint8_t random[NOISE_KEY],
                       const void *payload, size_t length, uint8_t *message);

/* Reads a first message with a payload of `length` bytes, so of NOISE_FIRST_OVERHEAD bytes more.
 * False: it does not authenticate; then the responder is unusable and the payload undefined. */
bool noise_first_read(struct noise_responder *responder, const struct noise_terms *terms,
                      const uint8_t *message, void *payload, size_t length);

/* Writes the second message, NOISE_SECOND_OVERHEAD and `length` bytes, gives the keys and ends the
 * responder. False: the initiator's keys are none. */
bool noise_second_write(struct noise_responder *responder, const struct noise_terms *terms,
                        const uint8_t random[NOISE_KEY], const void *payload, size_t length,
                        uint8_t *message, struct noise_split *split);

/* Reads a second message with a payload of `length` bytes. True: gives the keys and ends the
 * initiator. False: it does not authenticate; the initiator waits on, unchanged. */
bool noise_second_read(struct noise_initiator *initiator, const struct noise_terms *terms,
                       const uint8_t *message, void *payload, size_t length,
                       struct noise_split *split);

#endif
