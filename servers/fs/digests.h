/* Digests of files' contents: computed when somebody asks, and kept for the next who does, by the
 * version of the content. Nothing is kept beyond DIGESTS_MAX; the one that was made longest ago
 * goes first. Pure. */
#ifndef FS_DIGESTS_H
#define FS_DIGESTS_H

#include "servers/fs/tree.h"

enum { DIGESTS_MAX = 16 };

/* All zero: nothing is kept. */
struct digests {
        struct {
                uint64_t version; /* 0: none */
                uint8_t digest[FS_DIGEST];
        } list[DIGESTS_MAX];
        unsigned next;
};

/* The BLAKE2b of a file's content, until the next call; NULL: it is longer than FS_DIGEST_MOST. */
const uint8_t *digest_of(struct digests *digests, const struct node *node);

#endif
