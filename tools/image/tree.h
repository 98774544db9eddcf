/* A folder of the host with all that is below it, in the order of the names' bytes: what an image
 * is made of, the same for the same files on any file system. */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct tree_entry {
        char *path; /* below the folder, without a slash in front */
        mode_t mode;
        uint64_t size;    /* bytes of a regular file */
        int64_t modified; /* seconds since 1970 */
        char *target;     /* of a symbolic link, else NULL */
};

struct tree {
        struct tree_entry *entries;
        size_t count, capacity;
};

/* Reads names and kinds of everything below `folder`; symbolic links are not followed, but `folder`
 * itself may be one. Devices, sockets and pipes are left out with a warning on `complaints`. False:
 * a complaint says what could not be read; *tree is to be freed all the same. */
bool tree_read(struct tree *tree, const char *folder, FILE *complaints);

void tree_free(struct tree *tree);

#endif
