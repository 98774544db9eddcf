/* Counts what is allocated; see budget.h. A block is charged when it is there and credited when it
 * is gone, by the same size, so that `used` returns to 0. */
#include "servers/fs/budget.h"

#include <stdbool.h>
#include <stdlib.h>

/* What a block of that size really costs, page tables and memory objects behind malloc included:
 * musl puts blocks of 4 KiB into groups that take up to a quarter more, and small ones have a few
 * bytes beside them. Counting less would let clients use up what the server itself needs to answer.
 */
static size_t cost(size_t size)
{
        enum { BESIDE = 32, PART = 4 };
        return size + size / PART + BESIDE;
}

/* Whether `more` fits once `less` is given back. Sizes are far below what would overflow. */
static bool fits(const struct budget *budget, size_t less, size_t more)
{
        return budget->used - less <= budget->limit &&
               more <= budget->limit - (budget->used - less);
}

void *budget_allocate(struct budget *budget, size_t size)
{
        if (!fits(budget, 0, cost(size)))
                return NULL;
        void *block = calloc(1, size);
        if (block)
                budget->used += cost(size);
        return block;
}

void *budget_resize(struct budget *budget, void *block, size_t old, size_t size)
{
        if (!block)
                return budget_allocate(budget, size);
        if (size > old && !fits(budget, cost(old), cost(size)))
                return NULL;
        void *moved = realloc(block, size);
        if (moved)
                budget->used = budget->used - cost(old) + cost(size);
        return moved;
}

void budget_release(struct budget *budget, void *block, size_t size)
{
        if (!block)
                return;
        free(block);
        budget->used -= cost(size);
}
