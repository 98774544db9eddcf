/* Memory with a limit: everything that the tree allocates is counted, so that files that clients
 * write can use up what the file server may have and not one byte more.
 *
 * A budget is used by one thread. Sizes are in bytes, at most SIZE_MAX / 2; charged is what a block
 * costs, malloc's rounding included. */
#ifndef FS_BUDGET_H
#define FS_BUDGET_H

#include <stddef.h>

struct budget {
        size_t used;
        size_t limit;
};

/* `size` bytes of zeros, or NULL: the limit or the machine's memory is reached. */
void *budget_allocate(struct budget *budget, size_t size);

/* Makes a block larger or smaller: its new place, or NULL, and the old one is as it was. `old` is
 * the block's size (0 with a NULL block). The added part is not cleared. */
void *budget_resize(struct budget *budget, void *block, size_t old, size_t size);

/* Gives a block of `size` bytes back; NULL is nothing. */
void budget_release(struct budget *budget, void *block, size_t size);

#endif
