/* The scheduler: 256 fixed priorities, preemptive, round robin within one. The current thread is on
 * no queue; every other ready thread is on the queue of its priority.
 *
 * Short messages bypass it: the fast path switches directly from sender to receiver (switch.h).
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_SCHED_H
#define KERNEL_SCHED_SCHED_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/arch/context.h"
#include "kernel/arch/mmu.h"
#include "kernel/lib/list.h"

struct cpu;

enum { SLICE_NS = 10000000 };

enum thread_state {
        THREAD_STOPPED = 0,
        THREAD_READY,     /* on a queue, or current */
        THREAD_CALLING,   /* waits for the end of its own call */
        THREAD_RECEIVING, /* on a port's list of receivers */
        THREAD_WAITING,   /* on an event's list of waiters */
        THREAD_SLEEPING,
};

/* What the scheduler knows of a thread (task/thread.h). */
struct runnable {
        struct context context;
        struct mmu *space;
        struct list queue_link; /* of the ready queue, or of the list that the thread waits on */
        uint8_t state;          /* enum thread_state */
        uint8_t priority;       /* effective */
        uint64_t time;          /* ns that it has run; if current, less when it began to */
        uint64_t turn;          /* `time` at the end of its slice */
};

_Static_assert(offsetof(struct runnable, context) == 0, "the trap code finds it by cpu->current");

void sched_init(void);

/* A blocked or stopped thread becomes ready, and current at once if it is above all that is. */
void sched_ready(struct runnable *thread);

/* A ready or running thread is so no more; the caller has set its state. */
void sched_unready(struct runnable *thread);

/* Switches directly from the current thread, which has just blocked, to one that was blocked,
 * unless a thread of higher priority is ready. */
void sched_switch_to(struct runnable *thread);

/* Blocks the current thread, which has entered and woken nobody, and leaves the kernel with the
 * first that is ready, or for idle: does not return. */
void sched_leave(struct runnable *thread, enum thread_state state);

/* The same after the thread has blocked and woken others. */
void sched_resume(struct runnable *thread);

/* The current thread goes behind its equals. */
void sched_yield(void);

/* Changes a thread's effective priority. */
void sched_set_priority(struct runnable *thread, unsigned priority);

/* ns that the thread has run until now. */
uint64_t sched_time(const struct runnable *thread);

/* For the way out of the kernel: chooses between the current thread and the ready ones. A preempted
 * thread stays before its equals with the rest of its slice, and goes behind them when the slice is
 * used up. */
void sched_choose(struct cpu *cpu);

/* Arms the hardware timer for the first deadline or the end of the slice. It is never set to a
 * later time: if it fires too early, it is armed again. */
void sched_arm(struct cpu *cpu);

#endif
