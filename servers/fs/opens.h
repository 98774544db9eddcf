/* The files that clients have open: a place in a table each, and a badge that says which.
 *
 *      badge: bit 63 set, the place's generation in bits 16..62, its number in bits 0..15
 *
 * The generation changes each time a place is reused, so that a late message through an older right
 * is recognised. An open file holds its node. Pure. */
#ifndef FS_OPENS_H
#define FS_OPENS_H

#include "servers/fs/tree.h"

enum { OPENS_MAX = 1024 };

struct open_file {
        struct node *node; /* NULL: the place is free */
        uint64_t flags;    /* enum fs_open_flags */
        uint64_t generation;
        uint32_t next_free;
};

/* Begins with opens_init(). */
struct opens {
        struct tree *tree;
        struct open_file files[OPENS_MAX];
        uint32_t first_free; /* OPENS_MAX: none */
};

void opens_init(struct opens *opens, struct tree *tree);

/* Takes a place for a node that is held, and the hold with it. The badge, or 0: all are taken. */
uint64_t open_add(struct opens *opens, struct node *node, uint64_t flags);

/* The open file of a badge, or NULL. */
struct open_file *open_find(struct opens *opens, uint64_t badge);

/* Closes it, if the badge is one: its hold is dropped. */
void open_close(struct opens *opens, uint64_t badge);

#endif
