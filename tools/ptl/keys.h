/* Key files on the host (netipc/crypto/keys.h has their text): of a testbed, in its run directory,
 * and of a site's own clusters, in a folder of their own: DIR/NAME.keys, one a node. They hold
 * secrets, so each is written with mode 0600, as a whole or not at all, and never shown. */
#ifndef PTL_KEYS_H
#define PTL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "netipc/crypto/keys.h"
#include "tools/ptl/names.h"

enum { SEED_BYTES = 32 };

/* The keys of a cluster, as whoever makes them has them: with all secrets. */
struct key_set {
        uint64_t cluster;
        uint8_t psk[NOISE_KEY];
        unsigned count;
        struct keys_node nodes[KEYS_NODES];
        struct noise_pair pairs[KEYS_NODES]; /* of the nodes, in their order */
};

/* Draws a key for all of the cluster, or for one node. False with a complaint. */
bool key_set_draw_psk(struct key_set *set);
bool key_set_draw_node(struct key_set *set, unsigned node);

/* Writes the file of a node; false with a complaint. */
bool key_file_write(const struct key_set *set, unsigned node, const char *path);

/* Reads a file; false with a complaint that names it. */
bool key_file_read(const char *path, struct keys *keys);

/* Makes a testbed's keys: nK/keys of each node in the run directory, which is the working one. */
bool keys_make(unsigned nodes, uint64_t cluster);

/* Makes an empty file for what the node writes of its sessions' keys: nK/keylog. False with
 * errno. */
bool keylog_make(unsigned node);

/* Writes fresh secret random bytes for the node's next start: nK/seed. False with errno. */
bool seed_make(unsigned node);

#endif
