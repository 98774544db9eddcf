/* What may be done to the tree by path: each either happens as a whole or leaves everything as it
 * was, with the reason answered. Those of path_find, and
 *
 *      NO_SPACE        the budget is used up
 *      EXISTS          the new name is taken
 *      INVALID         the root, or "." or ".." at the end; a folder into itself; no target
 *
 * What is made, removed or renamed is what the path names: a '/' behind a link does not lead to its
 * folder, and fits a folder alone (NOT_DIRECTORY). `now` is the time of what is changed, and of the
 * folder that has got, or lost, a name: that becomes `modified`, and `changed` with it; of a node
 * whose names change only `changed` does. `mode` is of what is made (struct node). Pure. */
#ifndef FS_CHANGES_H
#define FS_CHANGES_H

#include "servers/fs/paths.h"

/* Opens by enum fs_open_flags: the node is held. Also IS_DIRECTORY for writing to a folder,
 * LINK_LOOP for the link that NO_FOLLOW forbids, never for the one that EXCLUSIVE forbids
 * (EXISTS); NOT_DIRECTORY if NAMELESS, and no folder is there. */
outcome_t tree_open(struct tree *tree, struct path path, uint64_t flags, uint64_t mode,
                    uint64_t now, struct node **node);

outcome_t tree_mkdir(struct tree *tree, struct path path, uint64_t mode, uint64_t now);

/* The target is any 1 to FS_PATH_MAX bytes but 0. */
outcome_t tree_symlink(struct tree *tree, const char *target, size_t target_length,
                       struct path path, uint64_t now);

/* One more name for a file or a link; of a link at the end of `from` for what it leads to, if
 * `follow`. IS_DIRECTORY for a folder, OVERLOADED: it has NODE_LINKS_MAX. */
outcome_t tree_link(struct tree *tree, struct path from, bool follow, struct path to, uint64_t now);

/* The same for a node. NOT_FOUND: its last name was taken away. */
outcome_t tree_link_node(struct tree *tree, struct node *node, struct path to, uint64_t now);

/* A file or a link: IS_DIRECTORY for a folder. */
outcome_t tree_unlink(struct tree *tree, struct path path, uint64_t now);

/* NOT_DIRECTORY, NOT_EMPTY. */
outcome_t tree_rmdir(struct tree *tree, struct path path, uint64_t now);

/* As rename(2), by enum fs_rename. Without flags it replaces a file or link by one, an empty folder
 * by a folder (NOT_EMPTY, IS_DIRECTORY, NOT_DIRECTORY otherwise); nothing happens if both are names
 * of the same. NO_REPLACE: EXISTS instead; EXCHANGE: what is there, of any kind, has the other name
 * then. INVALID: an unknown flag, or both. */
outcome_t tree_rename(struct tree *tree, struct path from, struct path to, uint64_t how,
                      uint64_t now);

#endif
