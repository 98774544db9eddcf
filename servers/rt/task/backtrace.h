/* Where a thread of another task stands, and how it came there. */
#ifndef RT_BACKTRACE_H
#define RT_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/message.h"
#include "servers/rt/pure/symbols.h"

/* As many calls as the smallest frames on a whole stack make. */
enum { BACKTRACE_MOST = 4096 };

/* The chain of calls (unwind.h) of a stopped thread: the addresses, rip first. The handle of its
 * task needs READ; `image` is the one that it runs in. Returns how many there are, at most
 * `most`. */
unsigned backtrace_read(handle_t task, const struct registers *registers, const struct image *image,
                        uint64_t *addresses, unsigned most);

/* The line of one address without its newline: "#1 0x401234 main+0x12". Where the function is
 * known, the address is the one in the file: whoever reads it elsewhere has only that. Returns
 * the line's length. */
size_t backtrace_line(char *line, size_t size, unsigned index, uint64_t address,
                      const struct image *image);

/* The reason of a fault (enum fault_reason) in words: "page fault". */
const char *fault_text(uint64_t reason);

#endif
