/* Threads: registers, priority, and the one thing that a thread waits for.
 *
 * A thread that calls, sends or has faulted waits for its own call object (`call`); one that
 * receives is on the port's list of receivers, one that waits for an event on the event's list of
 * waiters. The timer of `call` holds the deadline in all cases.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_TASK_THREAD_H
#define KERNEL_TASK_THREAD_H

#include "kernel/abi/outcome.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"
#include "kernel/ipc/call.h"
#include "kernel/object/object.h"

struct space;

enum { NOT_SERVING = -1 }; /* instead of an inherited priority */

struct thread {
        struct runnable run; /* first: handlers get a thread by its context */
        struct object object;
        struct task *task;
        struct list task_link;
        uint8_t base_priority;
        uint8_t ceiling;            /* of base priorities that it may set or give */
        int16_t inherited_priority; /* of the call that it serves, or of one that waits for it */
        bool stop_wanted;           /* stops when its wait ends */
        uint64_t wanted_bits;       /* THREAD_WAITING */
        struct thread **receivers;  /* THREAD_RECEIVING: the ring of its port */
        struct call *serving;       /* the call that it received last, until it receives again */
        uint64_t block;             /* user address of the message block, 0: none */
        uint64_t reflect;           /* ... of the handler of Linux system calls, 0: none */
        struct slot fault_handler;  /* a right, or empty: its task's */
        /* Of the call that the thread is serving; limits its own calls. */
        uint64_t inherited_deadline, trace;
        uint64_t messages, faults;
        /* Slots of its table, as it used them last; handle_none if it has not. */
        struct slot *right_slot, *port_slot;
        struct slot *reply_slot; /* for the reply right of the call that it receives */
        struct call call;
};

extern const struct object_type thread_type;

_Static_assert(offsetof(struct thread, run.context) == 0, "a context is where its thread is");

/* The thread that this processor runs, or NULL. */
static inline struct thread *current_thread(void)
{
        return (struct thread *)this_cpu()->current;
}

/* The trace id of a call that the thread makes: that of the call it serves, else a new one, which
 * begins a chain. */
static inline uint64_t thread_trace(struct cpu *cpu, const struct thread *thread)
{
        return thread->trace ? thread->trace : ++cpu->last_trace;
}

/* Whether it has a slot of its table for itself, which is no handle. */
static inline bool thread_keeps_slot(const struct thread *thread)
{
        return thread->reply_slot->state == SLOT_KEPT && thread->reply_slot->keeper == thread;
}

/* A stopped thread; NULL: account used up. The caller has checked the addresses, and `scheduling`
 * (abi/sched.h). */
struct thread *thread_create(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument,
                             uint64_t scheduling);

void thread_set_base_priority(struct thread *thread, unsigned priority);

/* Sets the registers of a thread that does not run to a struct registers in a task's memory. Fault;
 * malformed: an address is not the user's; nothing has changed then. */
outcome_t thread_set_registers(struct thread *thread, struct space *from, uint64_t address);

/* A thread that serves a call runs at least at the call's priority; NOT_SERVING ends that. */
void thread_inherit(struct thread *thread, int priority);

/* Raises a serving thread to `priority`, and transitively whomever it is blocked on, at most
 * `depth` calls deep. */
void thread_raise(struct thread *thread, unsigned priority, unsigned depth);

/* Cancels the thread's wait without an outcome; it is stopped then. */
void thread_withdraw(struct thread *thread);

/* Ends the thread's wait as cancelled; it is stopped then. Of a fault there is no outcome: the
 * thread is where it faulted. */
void thread_cancel_wait(struct thread *thread);

/* Stops a thread where it is; its wait, if any, ends as cancelled. */
void thread_divert(struct thread *thread);

#endif
