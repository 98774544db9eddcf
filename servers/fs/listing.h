/* A folder's entries, as fs.list answers them. */
#ifndef FS_LISTING_H
#define FS_LISTING_H

#include <stddef.h>
#include "servers/fs/tree.h"
#include "servers/proto/fs.h"

/* Writes the entries that come after the name `after` (length 0: all) in the order of their names,
 * as many as fit `capacity`. Returns the bytes written; 0: there are no more (one always fits
 * FS_ENTRY_MOST bytes). */
size_t listing_write(const struct node *folder, const char *after, size_t after_length, void *out,
                     size_t capacity);

#endif
