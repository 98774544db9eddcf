/* How the current CPU is found, and the beginning of struct cpu (sched/cpu.h), which the machine's
 * assembly code knows by its offsets:
 *
 *      struct context *context;    the current thread's
 *      void *kernel_stack;         top of this CPU's kernel stack
 *      uint64_t scratch;
 *      uint64_t work;              what is left for kernel_next(); 0: nothing
 *      uint64_t words[];           of a message, while the fast path has it
 *      struct arch_cpu arch;       the machine's own
 */
#ifndef KERNEL_ARCH_PERCPU_H
#define KERNEL_ARCH_PERCPU_H

#include "kernel/arch/x86_64/percpu.h" /* struct arch_cpu, this_cpu(), CPU_ARCH */

#endif
