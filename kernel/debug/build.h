/* What a debug build adds (make suite-kernel-debug): the invariant checker runs after every entry
 * into the kernel (exit/check.h), and freed memory is filled with a pattern. */
#ifndef KERNEL_DEBUG_BUILD_H
#define KERNEL_DEBUG_BUILD_H

#ifndef KERNEL_CHECK
#define KERNEL_CHECK 0 /* 1 in a debug build: kernel/module.mk */
#endif

enum { FREED_PATTERN = 0xdb };

#endif
