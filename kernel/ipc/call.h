/* Calls: one request, or one-way message, under way.
 *
 *            start                   delivered               reply, failure
 *      IDLE ---------> QUEUED ------------------> RECEIVED ----------------> IDLE (a thread's own)
 *                        |                            |                      DONE -> IDLE (an
 * object; | deadline, cancel, revoke,  | deadline, reply      call_finish collects) | port dies |
 * right dropped v                            v "not executed"             "perhaps executed"
 *
 * Each thread has a call of its own, for plain `call`, `send` and its faults; a call object is for
 * those who must not wait. Whatever happens, a call ends exactly once, through call_end() or a
 * reply.
 *
 * While a call is received, one slot is its reply right; the call and the slot point to each other.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_CALL_H
#define KERNEL_IPC_CALL_H

#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/object.h"
#include "kernel/sched/timer.h"

struct port;
struct right;
struct thread;

enum call_state { CALL_IDLE = 0, CALL_QUEUED, CALL_RECEIVED, CALL_DONE };

struct call {
        struct object object;  /* of a call object only */
        struct thread *thread; /* whose own call it is; NULL: a call object */
        struct task *task;
        uint8_t state;    /* enum call_state */
        bool one_way;     /* ends when it is received */
        bool is_fault;    /* the thread faulted; the reply decides whether it goes on */
        struct list link; /* in port->queue, ->received or ->cancelled */
        struct timer timer;
        struct port *port;      /* QUEUED, RECEIVED; NULL: the port has died since */
        struct right *right;    /* QUEUED: what it came by */
        struct list right_link; /* in right->calls, while in port->queue */
        uint64_t badge, deadline;
        struct slot *reply; /* RECEIVED */
        struct outgoing request;

        /* Call objects only (and the words of a fault). */
        uint64_t words[MESSAGE_WORDS]; /* of the request, then of the reply */
        struct binding completion;
        struct incoming incoming;
        struct transferred transferred;
        uint64_t reply_header;
        outcome_t outcome;
};

void call_init(struct call *call, struct thread *thread, struct task *task);
struct call *call_create(struct task *task, struct event *event, uint64_t bits);
void call_destroy(struct object *object);

/* The system calls call and send: the thread's context has arguments and gets results. */
void call_begin(struct thread *thread, handle_t right, uint64_t header, uint64_t deadline,
                bool one_way);

/* call_start; the outcome says whether it has begun. */
outcome_t call_start(struct call *call, struct thread *thread, handle_t right, uint64_t header,
                     uint64_t deadline);

/* call_finish: the thread's context gets the results of a call that is done; else busy. */
void call_finish(struct call *call, struct thread *thread);

/* call_cancel: not running if nothing is under way. */
outcome_t call_cancel(struct call *call);

enum { FAULT_WORDS = 7 }; /* of KERNEL_FAULT */

/* A fault of the thread becomes a call to its task's fault handler; without one the task ends. */
void call_fault(struct thread *thread, unsigned reason, uint64_t address);

enum call_delivery {
        CALL_DELIVERED,
        CALL_SENDER_FAILED,   /* the call has ended; the receiver may take another */
        CALL_RECEIVER_FAILED, /* the receiver's context has the outcome; the call is as before */
};

/* Hands a call to a thread that receives. The thread's state is the caller's business. */
enum call_delivery call_deliver(struct call *call, struct thread *receiver);

/* Puts a call whose state is CALL_QUEUED on its way: gives it to a thread that waits on its port,
 * else puts it into the queue. The thread, to be resumed by the caller of this function; NULL: the
 * call is queued, or has ended. */
struct thread *call_deliver_to_waiting(struct call *call);

/* The system call reply. `caller`: the thread that has its answer now and is to be resumed by the
 * caller of this function, or NULL. */
outcome_t call_reply(struct thread *thread, handle_t reply, uint64_t header,
                     struct thread **caller);

/* The caller's priority has risen: a queued call moves forward, and who serves the port is raised,
 * and so on through at most `depth` calls: the kernel's stack is finite. */
enum { RAISE_DEPTH = 16 };
void call_raise(struct call *call, unsigned priority, unsigned depth);

/* Ends a call that is queued or received. */
void call_end(struct call *call, outcome_t outcome);

/* The reply right is gone without an answer. */
void call_reply_dropped(struct call *call);

/* The caller is gone: forgets the call without an outcome. */
void call_abandon(struct call *call);

#endif
