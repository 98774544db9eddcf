/* Lists of physical page ranges: sorted, disjoint, not touching, at most BOOT_RANGES long. Pure. */
#ifndef X86_RANGES_H
#define X86_RANGES_H

#include "kernel/include/arch/arch.h"

/* Adds a range, merged with what it overlaps or touches; an empty one changes nothing. False if the
 * list is full: it is as before then. */
bool ranges_add(struct boot_range *list, unsigned *count, paddr_t start, paddr_t end);

/* Removes a range from the list. False if the list is full: it is as before then. */
bool ranges_remove(struct boot_range *list, unsigned *count, paddr_t start, paddr_t end);

/* Whether all of [start, end), which is not empty, is in the list. */
bool ranges_hold(const struct boot_range *list, unsigned count, paddr_t start, paddr_t end);

#endif
