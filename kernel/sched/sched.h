/* The scheduler: 256 fixed priorities, preemptive, round robin within one. A processor's current
 * thread is on no queue; the ready ones are on the queue of their priority.
 *
 * Short messages do not come here: ipc switches directly from caller to receiver
 * (switch.h).
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_SCHED_H
#define KERNEL_SCHED_SCHED_H

#include <stdint.h>

struct thread;

enum { SLICE_NS = 10000000 };

void sched_init(void);

/* A thread that was blocked or stopped may run. */
void sched_ready(struct thread *thread);

/* A thread that was ready or running may not: the caller has set its state. */
void sched_unready(struct thread *thread);

/* Gives the processor from the current thread, which has just blocked, straight to one that was
 * blocked, if nothing of a higher priority is ready. */
void sched_switch_to(struct thread *thread);

/* The current thread goes behind its equals. */
void sched_yield(void);

/* A thread's effective priority changes. */
void sched_set_priority(struct thread *thread, unsigned priority);

/* The thread that runs or was interrupted on this processor, or NULL. */
struct thread *current_thread(void);

#endif
