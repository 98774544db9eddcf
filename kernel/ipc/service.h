/* Receiving and serving calls: what the fast path (syscall/fastpath.c) does exactly as call.c and
 * port.c do it, inline.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_SERVICE_H
#define KERNEL_IPC_SERVICE_H

#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/object/handle.h"
#include "kernel/task/thread.h"

/* The thread that has waited longest for a message; NULL if there is none, it is to stop, or it
 * wants to know more of the message than the caller has to say: `detail`. */
static inline struct thread *first_receiver(const struct port *port, bool detail)
{
        if (!port || (port->detail && !detail))
                return NULL;
        struct thread *receiver = port->receivers;
        return receiver && !receiver->stop_wanted ? receiver : NULL;
}

static inline unsigned served_priority(const struct thread *receiver, unsigned priority)
{
        return receiver->base_priority > priority ? receiver->base_priority : priority;
}

/* From now on the receiver serves the call, which has its port, and answers with the slot. */
static inline void service_begin(struct call *call, struct thread *receiver, struct slot *slot,
                                 unsigned priority, uint64_t deadline, uint64_t trace)
{
        slot->reply = &call->reply;
        slot->content = SLOT_CONTENT(SLOT_REPLY, OBJECT_REPLY, 0);
        call->reply.slot = slot;
        call->server = receiver;
        receiver->serving = call;
        ring_append(call->port->received, call, link);
        receiver->inherited_priority = (int16_t)priority;
        receiver->inherited_deadline = deadline;
        receiver->trace = trace;
}

/* The same with a slot that the receiver has kept, at the head of the port's receivers, for a call
 * that has not been queued. */
static inline void serve_call(struct thread *receiver, struct slot *slot, struct call *call,
                              const struct right *right, unsigned priority, unsigned served,
                              uint64_t deadline, uint64_t trace)
{
        struct port *port = right->port;
        ring_remove(port->receivers, receiver, run.queue_link);
        receiver->messages++;
        call->status = CALL_RECEIVED;
        call->port = port;
        call->badge = right->badge;
        call->proxy = right->proxy;
        receiver->run.priority = (uint8_t)served;
        service_begin(call, receiver, slot, priority, deadline, trace);
}

#endif
