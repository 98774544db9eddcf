/* The scheduler: 256 fixed priorities, preemptive, round robin within one. The current thread is on
 * no queue; every other ready thread is on the queue of its priority.
 *
 * Short messages bypass it: the fast path switches directly from sender to receiver (switch.h).
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_SCHED_H
#define KERNEL_SCHED_SCHED_H

#include <stdint.h>

struct thread;

enum { SLICE_NS = 10000000 };

void sched_init(void);

/* A blocked or stopped thread becomes ready. */
void sched_ready(struct thread *thread);

/* A ready or running thread is so no more; the caller has set its state. */
void sched_unready(struct thread *thread);

/* Switches directly from the current thread, which has just blocked, to one that was blocked,
 * unless a thread of higher priority is ready. */
void sched_switch_to(struct thread *thread);

/* The current thread goes behind its equals. */
void sched_yield(void);

/* Changes a thread's effective priority. */
void sched_set_priority(struct thread *thread, unsigned priority);

/* The thread that this processor runs, or NULL. */
struct thread *current_thread(void);

#endif
