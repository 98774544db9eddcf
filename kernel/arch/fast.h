/* What the fast path needs of the machine, inline: each instruction counts there. */
#ifndef KERNEL_ARCH_FAST_H
#define KERNEL_ARCH_FAST_H

#include "kernel/arch/context.h"
#include "kernel/arch/mmu.h"

#if __STDC_HOSTED__ /* host tests bring their own */
uint64_t clock_quick(void);
#else
#include "kernel/arch/x86_64/fast.h"
#endif

#endif
