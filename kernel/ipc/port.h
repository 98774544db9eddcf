/* Ports and the rights to them.
 *
 * A port is a rendezvous: it queues calls by priority and buffers no messages. Its only receive
 * right is a handle in some task's table. A right (Mach's send right) names a port and a badge and
 * has an identity of its own; copies of a handle refer to the same right, right_mint makes a new
 * one. What a handle permits is its set of rights (rights.def).
 *
 * A right lives as long as handles to it, or queued calls through it. When the last is gone, the
 * port gets a no-senders notice with the number of issues so far, unless the receiver issues the
 * right again before it takes the notice. Taking the notice ends the right.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_PORT_H
#define KERNEL_IPC_PORT_H

#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "kernel/lib/tree.h"
#include "kernel/object/object.h"

struct call;
struct incoming;
struct thread;

struct port {
        struct object object;
        uint64_t reflect;         /* that of the thread which made or received it */
        bool detail;              /* always write the receiver's block */
        bool pending;             /* false: definitely nothing to receive */
        uint8_t turn;             /* the kind of notice to look for first; wraps */
        struct list queue;        /* struct call.link: highest priority first, then FIFO */
        struct call *received;    /* ring of their `link`: being served */
        struct list disowned;     /* struct slot.link: replies that nobody wants any more */
        struct thread *receivers; /* ring of their `run.queue_link` */
        struct list unsent;       /* struct right.unsent_link: rights without a handle */
        struct list sources;      /* struct source.link: all that are bound */
        struct list events;       /* struct source.ready: events with bits set */
        struct list completed;    /* struct source.ready: call objects that are done */
        void (*notify)(struct port *port); /* port_notify(), for event.c */
        struct tree rights;                /* struct right.node, by badge */
};

extern const struct object_type port_type;

struct right {
        struct object object;
        struct port *port;     /* NULL: revoked, or the port has died */
        struct tree_node node; /* key: badge */
        struct list unsent_link;
        struct list watches;
        struct list calls; /* struct call.right_link: in port->queue */
        uint64_t badge, issues;
        uint8_t reason; /* without a port: enum reason why */
        bool proxy;     /* RIGHT_PROXY */
};

extern const struct object_type right_type;

struct port *port_create(struct account *account);

/* The port is no longer theirs: wakes all receivers with an error, and unbinds all sources. */
void port_dismiss(struct port *port);

/* Whether something other than a call can be received. */
static inline bool port_has_notice(const struct port *port)
{
        return !list_empty(&port->events) || !list_empty(&port->completed) ||
               !list_empty(&port->disowned) || !list_empty(&port->unsent);
}

/* Something other than a call can be received: gives it to a waiting thread, if there is one. */
void port_notify(struct port *port);

/* A right with a badge that no living right of the port has (busy otherwise). */
outcome_t right_mint(struct port *port, struct account *account, uint64_t badge,
                     struct right **right);
struct right *right_find(struct port *port, uint64_t badge);
/* Kills the right and its copies: queued calls end as not executed with the reason. */
void right_revoke(struct right *right, enum reason reason);
/* OUTCOME_OK, or why no call can be made through the right. */
outcome_t right_check(const struct right *right);

/* Whether the slot's right leads to a port of the receiver's own image (message.h); then fills in
 * `cap`, which needs no handle. */
bool right_is_own(const struct slot *slot, const struct incoming *to, struct received_cap *cap);

/* Queues a call, and raises whoever serves the port. */
void port_enqueue(struct port *port, struct call *call);

/* Moves a call that is queued, or on no list, to where its priority belongs, behind its equals. */
void port_place(struct port *port, struct call *call);

/* Priority inheritance: raises the serving threads of the port's receiving task to the priority of
 * something that waits at the port. `depth`: see call_raise(). */
void port_raise(struct port *port, unsigned priority, unsigned depth);

/* The current thread receives, or waits for a message; its context gets the result. */
void port_receive(struct port *port, struct thread *thread, uint64_t deadline);

#endif
