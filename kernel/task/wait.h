/* How threads start, stop, wait and wake.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_TASK_WAIT_H
#define KERNEL_TASK_WAIT_H

#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/sched/sched.h"

struct thread;

/* Makes a stopped thread ready; takes back a stop that was requested. */
outcome_t thread_start(struct thread *thread);
/* Stops a thread that is ready, or as soon as its wait ends. */
void thread_stop(struct thread *thread);

/* Takes the thread off the list that it waits on. */
void thread_unqueue(struct thread *thread);

/* Ends the thread's wait; the results are in its context. It becomes ready, or stops if that was
 * requested meanwhile. */
void thread_resume(struct thread *thread);

/* The same, and switches to it directly from the current thread, which has blocked. */
void thread_resume_now(struct thread *thread);

/* Blocks the thread in `state`; at the deadline its wait ends as "not executed: deadline". */
void thread_wait(struct thread *thread, enum thread_state state, uint64_t deadline);

/* The deadline of any wait but a call's has passed; the wait may have ended. */
void thread_wait_expired(struct thread *thread);

#endif
