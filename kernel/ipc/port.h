/* Ports and the rights to them.
 *
 * A port is a rendezvous: it queues call objects by priority, and buffers nothing. Its one receive
 * right is a handle in some task's table. A right is what a send handle stands for: (port, badge,
 * set of rights) with an identity of its own; copies of a handle share it, right_mint makes a new
 * one.
 *
 * A right lives while handles to it do, or calls through it are queued. When the last is gone, the
 * port gets a no-senders notice with the number of issues so far; if the receiver issues the right
 * again before it takes the notice, there is none. Taking the notice ends the right.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_PORT_H
#define KERNEL_IPC_PORT_H

#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "kernel/include/tree.h"
#include "kernel/object/object.h"

struct call;
struct event;
struct task;
struct thread;

struct port {
        struct object object;
        bool detail;          /* always write the receiver's block */
        bool pending;         /* false: nothing is there to be received, surely */
        struct event *event;  /* bound, or NULL */
        struct list queue;    /* struct call.link: highest priority first, then FIFO */
        struct list received; /* struct call.link: being served */
        struct list
            cancelled; /* struct call.link: being served, and the caller wants no more of it */
        struct list receivers; /* struct thread.queue_link */
        struct list unsent;    /* struct right.unsent_link: rights without a handle */
        struct tree rights;    /* struct right.node: by badge */
};

struct right {
        struct object object;
        struct port *port;     /* NULL: revoked, or the port has died */
        struct tree_node node; /* key: badge */
        struct list unsent_link;
        struct list watches;
        struct list calls; /* struct call.right_link: in port->queue */
        uint64_t badge, issues;
        uint8_t reason; /* without a port: enum reason why */
};

struct port *port_create(struct account *account);
void port_destroy(struct object *object);

/* Binds an event, or none (NULL), to the port. */
void port_bind(struct port *port, struct event *event);

/* Ends the waiting of all receivers: the port is theirs no more. */
void port_dismiss(struct port *port);

/* Something other than a call is there to be received. */
void port_notify(struct port *port);

/* A right with a badge that no living right of the port has (busy otherwise). */
outcome_t right_mint(struct port *port, struct account *account, uint64_t badge,
                     struct right **right);
struct right *right_find(const struct port *port, uint64_t badge);
/* Kills the right and its copies: queued calls end as not executed, with the reason given. */
void right_revoke(struct right *right, enum reason reason);
/* Why a call through the right cannot be made, if it cannot. */
outcome_t right_check(const struct right *right);
void right_destroy(struct object *object);
void right_unreferenced(struct object *object);

/* Whether the slot's right leads to a port whose receive right is in the task; fills in how it then
 * arrives: without a handle. */
bool right_is_own(const struct slot *slot, struct task *task, struct received_cap *cap);

/* Puts a call into the queue, and raises who serves the port. */
void port_enqueue(struct port *port, struct call *call);

/* Puts a call that is in the queue, or in no list, where its priority belongs: behind its equals.
 */
void port_place(struct port *port, struct call *call);

/* Priority inheritance: something of this priority waits for the port, so the threads that serve
 * calls in the task that receives from it run at least at that. `depth`: see call_raise. */
void port_raise(struct port *port, unsigned priority, unsigned depth);

/* The current thread waits for a message; its context gets the result. */
void port_receive(struct port *port, struct thread *thread, uint64_t deadline);

#endif
