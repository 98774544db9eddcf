/* A tree of files, folders and symbolic links in memory: pure, without system calls.
 *
 *      tree.root ── folder ──entries[]── file ── content (copied on write over the archive)
 *                     │                  link ── target
 *                     └── folder …
 *
 * A node is in one folder, under one name, or in none: taken out (unlinked), it lives on while it
 * is held (open), and goes with its last hold. The root is never taken out. A folder's entries are
 * sorted by the bytes of their names, so that looking one up is a binary search and a listing can
 * go on after any name, whatever has changed in between.
 *
 * What may be done with paths is in paths.h (finding) and changes.h (changing); this file knows
 * nodes only. Everything allocated is charged to tree.budget. Used by one thread. */
#ifndef FS_TREE_H
#define FS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "servers/fs/budget.h"
#include "servers/fs/content.h"
#include "servers/proto/files.h"

struct node {
        enum fs_kind kind;
        uint32_t holds;
        uint32_t mode; /* FS_MODE_MASK; nothing is refused by it */
        uint64_t identity;
        uint64_t version;      /* another one after each change of a file's content; grows */
        uint64_t modified;     /* seconds since 1970, as in a record (files.h) */
        uint64_t lease_from;   /* no lease before this time (opens.h) … */
        uint64_t leased_until; /* … and none that ends later than this one */
        struct node *parent;   /* NULL: in no folder. The root's is the root */
        char *name;            /* not ended by 0; NULL in the root */
        size_t name_length;
        union {
                struct content file;
                struct {
                        struct node **entries;
                        size_t count, capacity;
                } folder;
                struct {
                        char *target; /* not ended by 0 */
                        size_t length;
                } link;
        };
};

struct tree {
        struct budget budget;
        struct node *root;
        uint64_t next_number; /* of identities and versions */
        /* Where clients see this tree: a link's target that begins so is within the tree. Other
         * absolute targets begin at the root as well. May be "". */
        const char *mounted_at;
};

/* An empty tree that may take `limit` bytes. NO_SPACE if not even the root fits. `mounted_at` stays
 * the caller's and is not copied. */
outcome_t tree_start(struct tree *tree, size_t limit, const char *mounted_at);

/* Gives everything back: budget.used is 0 then. No node may be held. */
void tree_end(struct tree *tree);

/* The entry of that name in a folder, or NULL. */
struct node *folder_find(const struct node *folder, const char *name, size_t length);

/* The position of the first entry whose name comes after `name` in byte order (0 for an empty one).
 */
size_t folder_position_after(const struct node *folder, const char *name, size_t length);

/* The node in a folder, or the root, with that identity; NULL: there is none. Its time grows with
 * the tree. */
struct node *tree_find(const struct tree *tree, uint64_t identity);

/* Whether the bytes may be the name of an entry: 1 to FS_NAME_MAX bytes, no '/', no 0, not "." or
 * "..". */
bool entry_name_valid(const char *name, size_t length);

/* A new node in `folder`, which has no entry of that (valid) name: NO_SPACE. A link's target is set
 * with node_set_target before anyone sees it. */
outcome_t node_create(struct tree *tree, struct node *folder, const char *name, size_t length,
                      enum fs_kind kind, struct node **node);

/* Sets the target of a new link (copied): NO_SPACE. */
outcome_t node_set_target(struct tree *tree, struct node *link, const char *target, size_t length);

/* Takes a node out of its folder: it goes unless it is held. Not the root; a folder must be empty.
 */
void node_remove(struct tree *tree, struct node *node);

/* Moves a node to `folder` under a (valid) name, in the place of what has that name there, which is
 * removed. NO_SPACE has changed nothing. The folder is not within the node, and what is replaced is
 * neither the node nor a folder with entries. */
outcome_t node_move(struct tree *tree, struct node *node, struct node *folder, const char *name,
                    size_t length);

/* To be called when a file has changed, its content or its time: gives it its next version, and
 * `now` as the time of it. */
void node_changed(struct tree *tree, struct node *node, uint64_t now);

/* Keeps a node alive until as many drops. */
void node_hold(struct node *node);
void node_drop(struct tree *tree, struct node *node);

/* The size that a record or stat gives: of a file or a target its bytes, of a folder its entries.
 */
uint64_t node_size(const struct node *node);

/* Walks the whole tree: whether every invariant holds (order, names, parents, contents). For tests;
 * its time grows with the tree, its stack with the depth. */
bool tree_check(const struct tree *tree);

#endif
