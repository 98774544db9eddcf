/* The kernel's own function names, for backtraces. The table is made by symbols.sh from a first
 * link and linked into the second; text comes before it, so the addresses are the same in both. */
#ifndef KERNEL_DEBUG_SYMBOLS_H
#define KERNEL_DEBUG_SYMBOLS_H

#include <stdint.h>

/* The function that holds the address, and how far into it; NULL if the address is none of the
 * kernel's text. */
const char *symbol_find(uint64_t address, uint64_t *offset);

#endif
