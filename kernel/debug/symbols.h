/* The kernel's own function names, for backtraces. symbols.sh makes the table from a first link; it
 * is linked into the second, behind the text, so that no address changes. */
#ifndef KERNEL_DEBUG_SYMBOLS_H
#define KERNEL_DEBUG_SYMBOLS_H

#include <stdint.h>

/* The function that contains the address, and the offset in it; NULL outside the kernel's text. */
const char *symbol_find(uint64_t address, uint64_t *offset);

#endif
