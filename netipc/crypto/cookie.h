/* What a handshake message has to show before anything expensive is done for it.
 *
 *      message = … | mac1 (16)                            response
 *      message = … | mac1 (16) | mac2 (16)                initiation
 *
 * mac1 is keyed by the cluster's key and the receiver's public key. Unlike WireGuard's, whose key
 * is public, only a member can make it: an outsider cannot make a node compute a single product,
 * except by repeating what members have sent.
 *
 * mac2 is against those repetitions, and against members gone mad. When more than COOKIE_CALM
 * initiations a second come, a node answers those without a right mac2 by a cookie: a MAC of the
 * sender's address under a secret that changes every COOKIE_LIFE. Who has it can put it into mac2,
 * and has shown that it hears at its address; a flood from addresses that are not the sender's ends
 * here, at the cost of three hashes each. The cookie travels sealed under a key made of mac1's,
 * with the initiation's mac1 as associated data, so an outsider who reads it cannot complete a
 * captured initiation, and nobody can send a cookie for an initiation that he has not seen. A reply
 * is smaller than what it answers.
 *
 * Who hears at his address and begins all the same without end is a member gone mad: under load an
 * address has COOKIE_SHARE initiations a second, so it does not keep the others from meeting.
 *
 * Pure: time (ns) and randomness are given. */
#ifndef NETIPC_CRYPTO_COOKIE_H
#define NETIPC_CRYPTO_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        COOKIE_MAC = 16,
        COOKIE_BYTES = 16,
        COOKIE_SECRET = 32,
        COOKIE_NONCE = 24,
        COOKIE_CALM = 64,   /* initiations a second that are taken without a cookie */
        COOKIE_SHARE = 8,   /* of one address, with a cookie; a node needs four */
        COOKIE_SHARES = 64, /* counters, by a hash of the address that nobody else can compute */
        COOKIE_SEALED = COOKIE_NONCE + COOKIE_BYTES + 16,
};

#define COOKIE_LIFE 120000000000ull /* ns */

/* The responder's side. All zero at first. */
struct cookie_jar {
        uint8_t secret[COOKIE_SECRET];
        uint64_t secret_until;  /* 0: there is none yet */
        uint64_t counted_until; /* end of the second that is counted */
        unsigned counted;
        uint8_t shares[COOKIE_SHARES]; /* taken with a cookie in that second */
};

/* The initiator's side, one for each peer. All zero at first. */
struct cookie_held {
        uint8_t cookie[COOKIE_BYTES];
        uint64_t until; /* 0: there is none */
};

/* mac1 of the `count` bytes in front of it. */
void cookie_mac1(uint8_t mac[COOKIE_MAC], const uint8_t mac_key[32], const void *message,
                 size_t count);

/* mac2 of the `count` bytes in front of it: zero without a cookie that is young enough. */
void cookie_mac2(uint8_t mac[COOKIE_MAC], const struct cookie_held *held, const void *message,
                 size_t count, uint64_t now);

/* An initiation with a right mac1 has come: counts it. True: now is a time when mac2 is asked for.
 */
bool cookie_wanted(struct cookie_jar *jar, uint64_t now);

/* Whether mac2, behind the `count` bytes of the message, is made with the cookie of that sender. */
bool cookie_shown(const struct cookie_jar *jar, uint32_t address, uint16_t port,
                  const uint8_t *message, size_t count, uint64_t now);

/* Whether one more initiation is taken from that address, whose cookie was shown: counts it. */
bool cookie_share(struct cookie_jar *jar, uint32_t address, uint16_t port);

/* Writes the sealed cookie of a sender: COOKIE_SEALED bytes. `random` are COOKIE_NONCE fresh bytes,
 * and COOKIE_SECRET behind them for a new secret. */
void cookie_seal(struct cookie_jar *jar, const uint8_t mac_key[32], uint32_t address, uint16_t port,
                 const uint8_t mac1[COOKIE_MAC], const uint8_t random[COOKIE_NONCE + COOKIE_SECRET],
                 uint8_t *sealed, uint64_t now);

/* Opens a sealed cookie for the initiation with this mac1. False: it is none, and nothing has
 * changed. */
bool cookie_open(struct cookie_held *held, const uint8_t mac_key[32],
                 const uint8_t mac1[COOKIE_MAC], const uint8_t *sealed, uint64_t now);

#endif
