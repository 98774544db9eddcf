/* Who a node is: its static key, in one cluster, in one life.
 *
 * The short id is a hash of the public key, and only a handle for it: tables and headers have the
 * id, the handshake shows the key, and both are compared. Two nodes whose ids are the same by
 * chance (2^-64) would exclude each other; `ptl keys` would have to make one anew. */
#ifndef NETIPC_CRYPTO_IDENTITY_H
#define NETIPC_CRYPTO_IDENTITY_H

#include "netipc/crypto/noise.h"

enum { IDENTITY_EPOCH = 16, MAC_KEY = 32 };

struct identity {
        struct noise_pair pair;
        uint8_t psk[NOISE_KEY]; /* of the cluster */
        uint64_t cluster;
        uint64_t node;                 /* identity_short() of the public key */
        uint8_t epoch[IDENTITY_EPOCH]; /* random, of this life */
        uint8_t mac_key[MAC_KEY];      /* of handshakes to this node: identity_mac_key() */
};

/* The short id of a public key; 0, which is no id, with a chance of 2^-64. */
uint64_t identity_short(const uint8_t public_key[NOISE_KEY]);

/* Fills an identity. `secret` and `psk` are secret, `epoch` only has to be new. */
void identity_init(struct identity *identity, const uint8_t secret[NOISE_KEY],
                   const uint8_t psk[NOISE_KEY], uint64_t cluster,
                   const uint8_t epoch[IDENTITY_EPOCH]);

/* The key of mac1 in handshake messages to the node with this public key (cookie.h). */
void identity_mac_key(uint8_t key[MAC_KEY], const uint8_t psk[NOISE_KEY],
                      const uint8_t public_key[NOISE_KEY]);

/* Which of two handshakes goes on when both sides have begun one: that of the node with the larger
 * public key (compared as bytes, from the first). True if that is `ours`. */
bool identity_first(const uint8_t ours[NOISE_KEY], const uint8_t theirs[NOISE_KEY]);

#endif
