/* Lists of physical page ranges: sorted, disjoint, not touching, at most BOOT_RANGES long. Pure. */
#ifndef X86_RANGES_H
#define X86_RANGES_H

#include "kernel/arch/arch.h"

/* Adds a range, merging it with those it overlaps or touches; an empty one changes nothing. False:
 * the list is full, and unchanged. */
bool ranges_add(struct boot_range *list, unsigned *count, paddr_t start, paddr_t end);

/* Removes a range. False: the list is full, and unchanged. */
bool ranges_remove(struct boot_range *list, unsigned *count, paddr_t start, paddr_t end);

/* Whether the list contains all of [start, end), which is not empty. */
bool ranges_hold(const struct boot_range *list, unsigned count, paddr_t start, paddr_t end);

#endif
