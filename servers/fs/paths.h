/* From a path to a place in the tree. A path is bytes; names are separated by one or more '/',
 * which may also stand in front and behind; "." and ".." mean what they always do, and ".." of the
 * root is the root. Symbolic links on the way are followed. A folder whose name was taken away is
 * empty, and leads nowhere. Pure. */
#ifndef FS_PATHS_H
#define FS_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include "kernel/abi/outcome.h"
#include "servers/fs/tree.h"

enum { PATH_LINKS_MAX = 40 }; /* symbolic links followed for one path */

/* A path, and the folder that it begins at; NULL: the root. */
struct path {
        struct node *folder;
        const char *bytes;
        size_t length;
};

/* Where a path leads. With a name: that entry of `folder`, whether it is there (node) or not
 * (NULL). Without one (name_length 0; the path was "", "/", or ended in "." or ".."): `node`, a
 * folder, itself. */
struct place {
        struct node *folder;
        struct node *node;
        bool folder_wanted; /* the path ended with '/' */
        size_t name_length;
        char name[FS_NAME_MAX];
};

/* Finds the place of a path. `follow`: a link at the very end is followed, too, also to a place
 * where nothing is yet. Answers NOT_FOUND (a folder on the way is missing, or the
 * last name in one that has none itself any more), NOT_DIRECTORY
 * (something else stands on the way, or before a '/' at the end), LINK_LOOP, NAME_TOO_LONG, INVALID
 * (a zero byte). */
outcome_t path_find(const struct tree *tree, struct path path, bool follow, struct place *place);

/* The same with those of the flags of an open that confine it (FS_OPEN_CONFINED, of
 * servers/proto/files.h), if any are given. Also REFUSED: it leads out. */
outcome_t path_find_confined(const struct tree *tree, struct path path, uint64_t flags, bool follow,
                             struct place *place);

/* The same for what must be there: NOT_FOUND also if the last name is missing. */
outcome_t path_find_node(const struct tree *tree, struct path path, bool follow,
                         struct node **node);

/* Writes the path of a folder from the root on, without a slash in front: NOT_FOUND: it has no name
 * any more, NAME_TOO_LONG: it is longer than `size`. */
outcome_t path_of_folder(const struct tree *tree, const struct node *folder, char *to, size_t size,
                         size_t *length);

#endif
