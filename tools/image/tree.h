/* A folder of the host with all that is below it, in the order of the names' bytes: what an image
 * is made of, the same for the same files on any file system.
 *
 * No size that the file system tells is believed where the bytes themselves can be counted: those
 * of /proc, of sysfs and of some network file systems are 0, or those of a page. */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tree_entry {
        char *path; /* below the folder, without a slash in front */
        mode_t mode;
        uint64_t size;    /* bytes of a regular file: as told, until tree_measure has read it */
        int64_t modified; /* seconds since 1970 */
        char *target;     /* of a symbolic link, else NULL */
};

struct tree {
        int folder;        /* open: paths of entries begin here */
        const char *shown; /* its name, for complaints */
        size_t refused;    /* complaints so far */
        struct tree_entry *entries;
        size_t count, capacity;
};

/* Reads names and kinds of everything below `folder`, whose name is not copied; symbolic links are
 * not followed, but `folder` itself may be one. False, with a complaint of what cannot be
 * read, or not be packed, up to a bounded number of them; *tree is to be freed all the same. */
bool tree_read(struct tree *tree, const char *folder);

/* Bytes of the last name of a path. */
size_t tree_name_length(const char *path);

/* Opens a regular file of the tree to read it; -1 with a complaint. */
int tree_open(struct tree *tree, const struct tree_entry *entry);

/* Counts the bytes of a regular file by reading it. One with more than `most` is read no further,
 * and its size is what was told, or more. False: a complaint says why it cannot be read. */
bool tree_measure(struct tree *tree, struct tree_entry *entry, uint64_t most);

/* Says what is wrong with an entry and what to do; always false. */
bool tree_refuse(struct tree *tree, const char *path, const char *why, const char *next);

void tree_free(struct tree *tree);

#endif
