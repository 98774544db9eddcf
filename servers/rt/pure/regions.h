/* Which addresses of a window are in use, and how: a sorted array of regions that do not overlap.
 * Neighbours with the same flags are one region. Pure; the array belongs to the caller and may grow
 * between calls. */
#ifndef RT_REGIONS_H
#define RT_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct region {
        uint64_t start, end; /* whole pages, end exclusive */
        uint32_t flags;      /* the caller's */
        uint32_t reserved;
};

struct regions {
        struct region *list;
        size_t count, capacity;
        uint64_t start, end; /* the window */
};

/* Entries that one change may need: it splits at most one region into three. */
enum { REGIONS_SPARE = 2 };

/* The lowest free range of that many bytes in the window; 0: none. */
uint64_t regions_find_free(const struct regions *regions, uint64_t bytes);

/* The region that holds an address, or the first one above it; NULL: none. */
const struct region *regions_at(const struct regions *regions, uint64_t address);

/* Whether nothing is in use in the range. */
bool regions_is_free(const struct regions *regions, uint64_t start, uint64_t end);

/* Makes the range a region with these flags, or frees it, whatever was there. The range lies within
 * the window and is not empty. False, with nothing changed, if there is no room for REGIONS_SPARE
 * more regions. */
bool regions_set(struct regions *regions, uint64_t start, uint64_t end, uint32_t flags);
bool regions_clear(struct regions *regions, uint64_t start, uint64_t end);

/* Invariants: sorted, disjoint, within the window, neighbours merged. For tests. */
bool regions_check(const struct regions *regions);

#endif
