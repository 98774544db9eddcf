/* The invariant checker: walks all objects and compares every list, queue, state and count that is
 * kept in two places. A debug build (make suite-kernel-debug) calls it after every entry into the
 * kernel, and fills freed memory with a pattern; other builds do not contain it.
 *
 * Context: kernel lock held, between operations: no object is half made or half destroyed. */
#ifndef KERNEL_DEBUG_CHECK_H
#define KERNEL_DEBUG_CHECK_H

#ifndef KERNEL_CHECK
#define KERNEL_CHECK 0 /* 1 in a debug build: kernel/module.mk */
#endif

enum { FREED_PATTERN = 0xdb };

/* Panics with the condition that does not hold. */
void kernel_check(void);

#endif
