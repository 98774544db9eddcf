/* Where a thread of another task stands, and how it came there. */
#ifndef RT_BACKTRACE_H
#define RT_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/message.h"

/* As many calls as the smallest frames on a whole stack make. */
enum { BACKTRACE_MOST = 4096 };

/* The chain of calls (unwind.h) of a stopped thread: the addresses, rip first. The handle of its
 * task needs READ; `elf` is its program, or NULL. Returns how many there are, at most `most`. */
unsigned backtrace_read(handle_t task, const struct registers *registers, const void *elf,
                        size_t elf_size, uint64_t *addresses, unsigned most);

/* The line of one address without its newline: "#1 0x401234 main+0x12". `elf` may be NULL. Returns
 * its length. */
size_t backtrace_line(char *line, size_t size, unsigned index, uint64_t address, const void *elf,
                      size_t elf_size);

/* The reason of a fault (enum fault_reason) in words: "page fault". */
const char *fault_text(uint64_t reason);

#endif
