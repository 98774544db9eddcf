/* Where a thread of another task stands, and how it came there. */
#ifndef RT_BACKTRACE_H
#define RT_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/rights.h"

enum { BACKTRACE_MOST = 32 };

/* Follows the chain of frame pointers of a task that stands still (READ): the addresses, rip first.
 * Returns how many. The chain ends where it does not lead upwards any more: it may hold anything.
 */
unsigned backtrace_read(handle_t task, uint64_t rip, uint64_t rbp, uint64_t *addresses,
                        unsigned most);

/* One line without its end: "0x401234 main+0x12". `elf` may be NULL. Returns its length. */
size_t backtrace_line(char *line, size_t size, uint64_t address, const void *elf, size_t elf_size);

/* The reason of a fault (enum fault_reason) in words: "page fault". */
const char *fault_text(uint64_t reason);

#endif
