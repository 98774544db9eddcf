/* Calls: one request, or one-way message, under way.
 *
 *               start               delivered
 *      IDLE ------------> QUEUED -------------> RECEIVED
 *       ^                   |                      |
 *       |                   | deadline, cancel,    | answer: the server's outcome
 *       |                   | revoke, port dies:   | deadline, reply right dropped:
 *       |                   | not executed         | perhaps executed
 *       |                   v                      v
 *       +<------------------+----------------------+     a thread's own call
 *       |                   v                      v
 *       +<-- call_finish -- DONE <-----------------+     a call object
 *
 * Each thread has a call of its own, for `call`, `send` and its faults; a call object is for
 * callers that must not block. A call ends exactly once: by an answer, call_end() or
 * call_abandon().
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
        struct thread *thread; /* that the call belongs to; NULL: a call object */
        struct task *task;
        union {
                struct {
                        uint8_t state; /* enum call_state */
                        bool one_way;  /* ends when it is received */
                        bool is_fault; /* the thread faulted; the reply decides if it goes on */
                        bool disowned; /* RECEIVED: who serves it was told, or is going to be */
                };
                uint32_t status; /* the same, for the fast path: the state, and nothing unusual */
        };
        bool proxy;             /* of the right it was made with: its answer may say not executed */
        struct list link;       /* in port->queue, or of port->received */
        struct timer timer;     /* may go off when nothing waits for it any more */
        struct port *port;      /* QUEUED, RECEIVED; NULL: the port has died since */
        struct right *right;    /* QUEUED: the right it was made with */
        struct list right_link; /* in right->calls, while in port->queue */
        uint64_t badge, deadline;
        struct reply reply;    /* RECEIVED: has a slot */
        struct thread *server; /* RECEIVED: who serves it, if that is known (thread->serving) */
        struct outgoing request;

        /* Call objects only (and the words of a fault). */
        uint64_t words[MESSAGE_WORDS]; /* of the request, then of the reply */
        struct binding completion;     /* signalled, … */
        struct source source; /* … or ready at its port: CALL_DONE, and nobody was told yet */
        struct incoming incoming;
        struct transferred transferred;
        uint64_t reply_header;
        outcome_t outcome;
};

extern const struct object_type call_type;

void call_init(struct call *call, struct thread *thread, struct task *task);
/* A call object, whose completion and source are not bound. */
struct call *call_create(struct task *task);

/* The system calls call and send. The arguments of all are in the thread's context, as are the
 * results of these two. */
void call_begin(struct thread *thread, bool one_way);

/* The system call call_start; the outcome says whether the call is under way. */
outcome_t call_start(struct call *call, struct thread *thread);

/* The system call call_finish: the thread's context gets the results, or busy if it is not done. */
void call_finish(struct call *call, struct thread *thread);

/* The system call call_cancel: not running if nothing is under way. */
outcome_t call_cancel(struct call *call);

/* An idle call, whose request is filled in, is queued by a right to a living port, until it is
 * delivered or stands in the port's queue. */
void call_enter(struct call *call, struct right *right, uint64_t deadline);

enum call_delivery {
        CALL_DELIVERED,
        CALL_SENDER_FAILED,   /* the call has ended; the receiver may take another */
        CALL_RECEIVER_FAILED, /* the receiver's context has the outcome; the call is as before */
};

/* Hands a call to a receiving thread, whose state is left to the caller. */
enum call_delivery call_deliver(struct call *call, struct thread *receiver);

/* Hands a call whose state is CALL_QUEUED to a thread waiting on its port, or queues it. Returns
 * the thread, which the caller has to resume; NULL: the call is queued, or has ended. */
struct thread *call_deliver_to_waiting(struct call *call);

/* The thread no longer serves the call that it received last. */
void call_leave(struct thread *server);

/* The caller's priority has risen: raises the thread that serves the call; moves a queued call
 * forward and raises whoever serves the port; and so on through at most `depth` calls, since the
 * kernel's stack is finite. */
enum { RAISE_DEPTH = 16 };
void call_raise(struct call *call, unsigned priority, unsigned depth);

/* Ends a call that is queued or received. */
void call_end(struct call *call, outcome_t outcome);

/* The caller is gone: drops the call without an outcome. */
void call_abandon(struct call *call);

/* ---- for reply.c ---- */

/* The header as the receiver of a message or reply gets it. */
uint64_t call_received_header(uint64_t header, unsigned flags);

/* Takes the call off every list and its timer; its reply right, if any, dies with the reason. */
void call_unlink(struct call *call, enum reason reason);

/* Gives the caller of a call that is off all lists its outcome, and a reply's header and words. */
void call_conclude(struct call *call, outcome_t outcome, uint64_t header, const uint64_t *words);

#endif
