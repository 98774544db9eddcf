/* The tree as it is at the start: filled from the boot module `files`, with a line in the log that
 * says how much of it is served, and lines that name what is not. */
#ifndef FS_BOOT_H
#define FS_BOOT_H

#include "servers/fs/tree.h"

/* Makes the tree, which may take what the account has left, less a reserve. A module that is not
 * there or damaged is served as far as it goes. NO_SPACE: not even an empty tree has room. `at`
 * stays the caller's. */
outcome_t boot_load(struct tree *tree, const char *at);

#endif
