/* The kernel's data per processor. */
#ifndef KERNEL_SCHED_CPU_H
#define KERNEL_SCHED_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/message.h"
#include "kernel/arch/percpu.h"
#include "kernel/lib/list.h"

enum { PRIORITIES = 256 };

/* What is left to do before the return to user mode; 0: the entry returns at once. */
enum cpu_work {
        WORK_CHOOSE = 1 << 0,    /* another thread may have to run instead of `current` */
        WORK_SWITCH = 1 << 1,    /* `current` is not loaded */
        WORK_ARM = 1 << 2,       /* the hardware timer has to fire earlier */
        WORK_TIMER = 1 << 3,     /* it has fired */
        WORK_INTERRUPT = 1 << 4, /* `interrupts_pending` is not 0 */
        WORK_RELEASE = 1 << 5,   /* objects_release() has something to end */
        WORK_LINE = 1 << 6,      /* the log's serial line may be behind */
        WORK_CHECK = 1 << 7, /* debug builds: always set, for kernel_check() after every entry */
};

struct cpu {
        struct runnable *current; /* the thread to return to, its context first; NULL: idle */
        void *kernel_stack;
        uint64_t scratch;
        uint64_t work; /* enum cpu_work */
        uint64_t words[MESSAGE_WORDS];
        struct arch_cpu arch;

        uint64_t interrupts_pending; /* by line */
        uint64_t slice_end;          /* ns: an equal's turn, or earlier; TIME_NEVER: no equal */
        uint64_t timer_at;           /* ns: what the timer is armed for */
        int highest_ready;           /* priority; -1: none is ready */
        uint64_t last_trace;         /* id of the chain of calls that was begun last */
        uint64_t ready_map[PRIORITIES / 64];
        struct list ready[PRIORITIES]; /* struct runnable.queue_link */
};

_Static_assert(offsetof(struct cpu, arch) == CPU_ARCH, "struct cpu begins as percpu.h says");

extern struct cpu cpus[1]; /* other processors are not started yet */

#endif
