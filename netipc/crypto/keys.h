/* A node's key file: who is in the cluster, by which keys, and which of them is this node. It is
 * the cluster's configuration: a name belongs to a public key, and goes to nobody else. Secret as a
 * whole; `ptl` makes it (tools/ptl), the transport reads it. Lines, in this order, words with one
 * blank between:
 *
 *      portolan-keys 1
 *      cluster ID              16 hexadecimal digits, not 0
 *      psk KEY                 64 digits: what all members have, and nobody else
 *      node NAME KEY           the public key of each node, at most KEYS_NODES
 *      self NAME KEY           the secret key of this one
 *
 * Pure. Reading is total: any text gives keys that fit each other, or an error. */
#ifndef NETIPC_CRYPTO_KEYS_H
#define NETIPC_CRYPTO_KEYS_H

#include "netipc/crypto/identity.h"

enum {
        KEYS_NODES = 32,
        KEYS_NAME = 16,   /* of common/name.h, with its 0 */
        KEYS_TEXT = 3200, /* the longest file, with its 0 */
};

struct keys_node {
        char name[KEYS_NAME];
        uint8_t public_key[NOISE_KEY];
};

struct keys {
        uint64_t cluster;
        uint8_t psk[NOISE_KEY];
        struct keys_node nodes[KEYS_NODES];
        unsigned count;
        unsigned self;          /* this node's place among them */
        struct noise_pair pair; /* its keys */
};

/* Why a text is no key file. */
struct keys_error {
        unsigned line; /* from 1 */
        const char *what;
};

/* False: *error says why, and what *keys holds is not to be used. */
bool keys_read(const char *text, size_t length, struct keys *keys, struct keys_error *error);

/* Writes the file, with a 0 behind it; returns its length. */
size_t keys_write(const struct keys *keys, char text[KEYS_TEXT]);

/* The node with that short id, or of that name; NULL: it is not in the cluster. */
const struct keys_node *keys_of_id(const struct keys *keys, uint64_t id);
const struct keys_node *keys_of_name(const struct keys *keys, const char *name);

#endif
