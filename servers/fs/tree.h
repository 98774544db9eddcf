/* A tree of files, folders and symbolic links in memory: pure, without system calls.
 *
 *      tree.root ── folder ──entries[]──> entry: name ──> file ── content (copied on write over the
 *                     │                   entry: name ──┘                      archive)
 *                     │                   entry: name ──> link ── target
 *                     └───────────────────entry: name <─> folder …
 *
 * A file or a link has any number of names (node.links), in whatever folders; a folder has one, and
 * knows it. A node without names, its last one taken away, lives on while it is held (open), and
 * goes with its last hold. The root has no name, counts as having one, and never goes. A folder's
 * entries are sorted by the bytes of their names, so that looking one up is a binary search and a
 * listing can go on after any name, whatever has changed in between.
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

struct node;

/* A name in a folder. */
struct entry {
        struct node *node;
        size_t name_length;
        char name[]; /* not ended by 0 */
};

enum { NODE_LINKS_MAX = 65000 }; /* names of one node: as many as ext4 allows */

struct node {
        enum fs_kind kind;
        uint32_t holds;
        uint32_t links; /* names */
        uint16_t mode;  /* FS_MODE_MASK; nothing is refused by it */
        bool linkable;  /* it was made without a name, and may get one */
        uint64_t identity;
        uint64_t version; /* another one after each change of a file's content; grows */
        /* Seconds since 1970 in two's complement: of the content, of the last access to it
         * (node_accessed), of all that is said of the node. */
        uint64_t modified, accessed, changed;
        uint64_t lease_from;   /* no lease before this time (opens.h) … */
        uint64_t leased_until; /* … and none that ends later than this one */
        union {
                struct content file;
                struct {
                        struct entry **entries;
                        size_t count, capacity;
                        struct node *parent; /* NULL: it has no name. The root's is the root */
                        struct entry *entry; /* its name there; NULL in the root */
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

/* The node with that identity that has a name, or the root; NULL: there is none. Its time grows
 * with the tree. */
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

/* A node that is in no folder yet and held once: NO_SPACE. */
outcome_t node_create_nameless(struct tree *tree, enum fs_kind kind, struct node **node);

/* Gives a file or a link one more name, in `folder`, which has no entry of that (valid) name:
 * NO_SPACE, OVERLOADED: it has NODE_LINKS_MAX. */
outcome_t node_link(struct tree *tree, struct node *node, struct node *folder, const char *name,
                    size_t length);

/* Takes away the name that is in the folder; what has no other goes unless it is held. A folder
 * must be empty. */
void folder_remove(struct tree *tree, struct node *folder, const char *name, size_t length);

/* A name that is in a folder, or may be. */
struct name {
        struct node *folder;
        const char *bytes;
        size_t length;
};

/* What has the name `from` has the (valid) name `to` from now on instead, in the place of what that
 * was the name of. NO_SPACE has changed nothing. The new folder is not within what moves; what is
 * replaced is another node, and no folder with entries. */
outcome_t node_move(struct tree *tree, const struct name *from, const struct name *to);

/* What has one of the names gets the other one; neither is within the other. */
void nodes_exchange(const struct name *a, const struct name *b);

/* To be called when a file's content has changed: gives it its next version, and `now` as the time
 * of it. */
void node_changed(struct tree *tree, struct node *node, uint64_t now);

/* The same when what is said of a node has changed that comes with its version (opens.h): its mode,
 * and times that were set. */
void node_marked(struct tree *tree, struct node *node, uint64_t now);

/* Whether an access at `now` has to be noted: the one that is noted is earlier, and not younger
 * than the last change, or a day old (mount(8), relatime). */
bool node_access_due(const struct node *node, uint64_t now);

/* Notes an access, if it is due. */
void node_accessed(struct node *node, uint64_t now);

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
