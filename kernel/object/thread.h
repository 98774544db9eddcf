/* Threads: registers, priority, and the one thing that a thread waits for.
 *
 * A thread that calls, sends or has faulted waits for its own call object (`call`); one that
 * receives is on the port's list of receivers, one that waits for an event on the event's list of
 * waiters. The timer of `call` holds the deadline in all cases.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_THREAD_H
#define KERNEL_OBJECT_THREAD_H

#include "kernel/abi/outcome.h"
#include "kernel/include/arch/context.h"
#include "kernel/ipc/call.h"
#include "kernel/object/object.h"

enum { NOT_SERVING = -1 }; /* instead of an inherited priority */

enum thread_state {
        THREAD_STOPPED = 0,
        THREAD_READY,     /* on a queue, or current */
        THREAD_CALLING,   /* waits for the end of `call` */
        THREAD_RECEIVING, /* on a port's list of receivers */
        THREAD_WAITING,   /* on an event's list of waiters */
        THREAD_SLEEPING,
};

struct thread {
        struct context context;
        struct object object;
        struct task *task;
        struct list task_link;
        struct list queue_link; /* of the ready queue, a port's receivers or an event's waiters */
        uint8_t state;          /* enum thread_state */
        uint8_t priority;       /* effective: the greater of the two below */
        uint8_t base_priority;
        int16_t inherited_priority; /* of the call that it serves, or of one that waits for it */
        bool stop_wanted;           /* stops when its wait ends */
        uint64_t wanted_bits;       /* THREAD_WAITING */
        struct port *port;          /* THREAD_RECEIVING: where; else NULL */
        struct call *serving;       /* the call that it received last, until it receives again */
        uint64_t block;             /* user address of the message block, 0: none */
        /* Of the call that the thread is serving; limits its own calls. */
        uint64_t inherited_deadline, trace;
        uint64_t cpu_time, messages, faults;
        uint64_t slice_used; /* ns */
        struct call call;
};

/* A stopped thread; NULL: account used up. The caller has checked the addresses. */
struct thread *thread_create(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument,
                             unsigned priority);

outcome_t thread_start(struct thread *thread);
void thread_stop(struct thread *thread);
/* Makes the thread fault where it is; its wait is cancelled. Not running: it is stopped; busy: it
 * has faulted already. */
outcome_t thread_fault(struct thread *thread);
void thread_set_base_priority(struct thread *thread, unsigned priority);

/* A thread that serves a call runs at least at the call's priority; NOT_SERVING ends that. */
void thread_inherit(struct thread *thread, int priority);

/* Raises a serving thread to `priority`, and transitively whomever it is blocked on, at most
 * `depth` calls deep. */
void thread_raise(struct thread *thread, unsigned priority, unsigned depth);

/* Ends the thread's wait; the results are in its context. It becomes ready, or stops if that was
 * requested meanwhile. */
void thread_resume(struct thread *thread);

/* The same, and switches to it directly from the current thread, which has blocked. */
void thread_resume_now(struct thread *thread);

/* Blocks the thread in `state`; at the deadline its wait ends as "not executed: deadline". */
void thread_wait(struct thread *thread, enum thread_state state, uint64_t deadline);

/* The deadline of any wait but a call's has passed. */
void thread_wait_expired(struct thread *thread);

/* Cancels the thread's wait without an outcome; it is stopped then. */
void thread_withdraw(struct thread *thread);

void thread_destroy(struct object *object);
void thread_unreferenced(struct object *object);

#endif
