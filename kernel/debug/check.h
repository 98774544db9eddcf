/* A walker that checks what the kernel believes of its objects: every list, queue, state and count
 * that two places must agree on. A debug build (make suite-kernel-debug) walks after every entry
 * into the kernel, and fills what is freed with a pattern; elsewhere nothing calls it.
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
