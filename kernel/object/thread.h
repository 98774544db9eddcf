/* Threads: registers, priority, and the one thing that a thread waits for.
 *
 * A thread that calls, sends or has faulted waits on its own call object (`call`), one that
 * receives is on the port's list of receivers, one that waits for an event on the event's list; the
 * timer of `call` carries the deadline of whatever it is.
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
        bool stop_wanted;           /* stops when what it waits for ends */
        uint64_t wanted_bits;       /* THREAD_WAITING */
        struct port *port;          /* THREAD_RECEIVING: where; else NULL */
        uint64_t block;             /* user address of the message block, 0: none */
        /* Of the call that the thread is serving: caps its own calls. */
        uint64_t inherited_deadline, trace;
        uint64_t cpu_time, messages, faults;
        uint64_t slice_used; /* ns of its time slice */
        struct call call;
};

/* A stopped thread; NULL: account used up. The addresses are checked. */
struct thread *thread_create(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument,
                             unsigned priority);

outcome_t thread_start(struct thread *thread);
void thread_stop(struct thread *thread);
/* Makes the thread fault where it stands; what it waits for is cancelled. NOT_RUNNING: it is
 * stopped; BUSY: it has faulted already. */
outcome_t thread_fault(struct thread *thread);
void thread_set_base_priority(struct thread *thread, unsigned priority);

/* While a thread serves a call, it runs at least at its priority; NOT_SERVING ends that. */
void thread_inherit(struct thread *thread, int priority);

/* Something of this priority waits for what the thread serves: it runs at least at that, and so
 * does, through at most `depth` calls, whoever it waits for itself. Nothing happens to a thread
 * that serves no call. */
void thread_raise(struct thread *thread, unsigned priority, unsigned depth);

/* What the thread waited for has ended: its results are in its context. It runs, or stops if that
 * was asked for meanwhile. */
void thread_resume(struct thread *thread);

/* The same, but the processor goes straight to it from the current thread, which has blocked. */
void thread_resume_now(struct thread *thread);

/* Sets a deadline for what the thread begins to wait for, with the outcome "not executed:
 * deadline". */
void thread_wait(struct thread *thread, enum thread_state state, uint64_t deadline);

/* What a thread waits for, other than the end of a call, has not come by its deadline. */
void thread_wait_expired(struct thread *thread);

/* Takes the thread out of whatever it waits for, as if it had never asked. */
void thread_withdraw(struct thread *thread);

void thread_destroy(struct object *object);
void thread_unreferenced(struct object *object);

#endif
