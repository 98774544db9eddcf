/* The Linux layer as an image of its own, beside a program that knows nothing of it: the same
 * handler of Linux system calls that native programs have linked in, with an entry instead of
 * libc.
 *
 *      spawn ──> layer_start: block, reflection ──> the program's entry, as execve leaves it
 *                                                        │ syscall
 *                linux/entry.S <──── kernel <────────────┘
 */
#ifndef RT_LINUX_LAYER_H
#define RT_LINUX_LAYER_H

#include <stdint.h>

/* stack.c. Called at the beginning of each Linux system call with the program's stack pointer:
 * sees to it that the stack is there from that address on, since the kernel reads and writes for
 * the program only where memory is. The process server makes it be there when the layer touches
 * it. */
void layer_stack_touch(uint64_t stack);

#endif
