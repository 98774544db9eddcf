/* Counts what is allocated; see budget.h. */
#include "budget.h"

#include <stdint.h>
#include <stdlib.h>

/* What an allocator keeps for itself beside each block, so that a million one-byte files do not
 * slip through the limit. */
enum { BLOCK_OVERHEAD = 16 };

static int budget_fits(const struct budget *budget, size_t size)
{
        return budget->used <= budget->limit && size <= budget->limit - budget->used;
}

void *budget_allocate(struct budget *budget, size_t size)
{
        if (size > SIZE_MAX - BLOCK_OVERHEAD || !budget_fits(budget, size + BLOCK_OVERHEAD))
                return NULL;
        void *block = calloc(1, size);
        if (block)
                budget->used += size + BLOCK_OVERHEAD;
        return block;
}

void *budget_resize(struct budget *budget, void *block, size_t old, size_t size)
{
        if (!block)
                return budget_allocate(budget, size);
        if (size > old && !budget_fits(budget, size - old))
                return NULL;
        void *moved = realloc(block, size);
        if (moved)
                budget->used = budget->used - old + size;
        return moved;
}

void budget_release(struct budget *budget, void *block, size_t size)
{
        if (!block)
                return;
        free(block);
        budget->used -= size + BLOCK_OVERHEAD;
}
