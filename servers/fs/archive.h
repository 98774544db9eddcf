/* Fills a tree from a cpio archive (newc). Files show the archive's own bytes, which must stay and
 * not change as long as the tree lives; everything else is copied. Pure; the archive may be
 * hostile.
 *
 * Names are taken literally: a leading `/` or `./` means nothing, folders that an archive leaves
 * out are made, links in the archive are not followed while it is read. A later member replaces the
 * data of an earlier file of that name. What cannot be in a tree (devices; names with `..` in them;
 * a file below a file) or has no room is left out and counted: nothing is lost without a word. Hard
 * links are not known: each name has the data stored with it, as tools/image writes it. */
#ifndef FS_ARCHIVE_H
#define FS_ARCHIVE_H

#include "servers/fs/tree.h"

enum { ARCHIVE_NAMED = 8 };

/* A member that is not served. */
struct archive_missing {
        const char *name; /* in the archive, not ended by 0 */
        size_t name_length;
        outcome_t why; /* INVALID: it cannot be in a tree; NO_SPACE: the budget was used up */
};

struct archive_report {
        size_t served; /* members in the tree */
        size_t left_out;
        struct archive_missing missing[ARCHIVE_NAMED]; /* the first of those left out */
        bool damaged; /* the reading ended at something that is no member */
};

/* `now` is the time of the last access to what is in it, unless it is modified later. */
void archive_load(struct tree *tree, const void *archive, size_t length, uint64_t now,
                  struct archive_report *report);

#endif
