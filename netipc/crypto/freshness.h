/* Which handshakes of a peer are new. Two numbers in each initiation say so, under its seal: the
 * epoch of its sender's life, and the attempt, which grows with each initiation of that life. No
 * clock is compared.
 *
 * What a repeated initiation can still do: one of an earlier life of the peer that never had a
 * session here, or of one that is longer ago than FRESHNESS_LIVES lives, is answered. It ends
 * nothing, since nobody can seal a packet under the keys that come of it. Those for an earlier life
 * of our own say so (handshake.h). Pure. */
#ifndef NETIPC_CRYPTO_FRESHNESS_H
#define NETIPC_CRYPTO_FRESHNESS_H

#include <stdbool.h>
#include <stdint.h>
#include "netipc/crypto/identity.h"
#include "netipc/crypto/refusal.h"

enum { FRESHNESS_LIVES = 4 };

struct freshness_life {
        bool known;
        uint8_t epoch[IDENTITY_EPOCH];
        uint64_t attempt; /* the largest that was answered */
};

/* All zero at first. */
struct freshness {
        struct freshness_life confirmed; /* a session with it has been confirmed */
        struct freshness_life answered;  /* another life, answered and not yet confirmed */
        uint8_t over[FRESHNESS_LIVES][IDENTITY_EPOCH];
        unsigned over_count; /* that ever were; the last FRESHNESS_LIVES are kept */
};

/* Whether an initiation is to be answered. Changes nothing. */
enum crypto_refusal freshness_check(const struct freshness *freshness,
                                    const uint8_t epoch[IDENTITY_EPOCH], uint64_t attempt);

/* Whether a life is known to be over: a response from it is not to be believed. */
bool freshness_over(const struct freshness *freshness, const uint8_t epoch[IDENTITY_EPOCH]);

/* It was found authentic, and is answered. */
void freshness_answered(struct freshness *freshness, const uint8_t epoch[IDENTITY_EPOCH],
                        uint64_t attempt);

/* The peer has shown that it lives in that epoch, by a response or by a packet under new keys: the
 * one before is over for ever. Not for a life that is over itself. */
void freshness_confirmed(struct freshness *freshness, const uint8_t epoch[IDENTITY_EPOCH]);

#endif
