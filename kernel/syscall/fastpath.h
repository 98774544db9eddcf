/* The fast path: a short message to a waiting thread, and a short answer, straight from thread to
 * thread. It has the same effect as ipc/call.c and ipc/port.c, or none: the functions of
 * syscall_fast (arch/entry.h) first check for anything unusual, and if they find it, leave it to
 * those of message.c.
 *
 * It switches threads itself and returns to user mode from where it is: sched_hand_over(),
 * arch_resume().
 *
 * Context: kernel lock held. */
#ifndef KERNEL_SYSCALL_FASTPATH_H
#define KERNEL_SYSCALL_FASTPATH_H

#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/object/handle.h"
#include "kernel/sched/switch.h"
#include "kernel/task/thread.h"

/* The thread that has waited longest for a message; NULL if there is none, it is to stop, or it
 * wants to know more of the message. */
static inline struct thread *first_receiver(const struct port *port)
{
        if (!port || port->detail)
                return NULL;
        struct thread *receiver = port->receivers;
        return receiver && !receiver->stop_wanted ? receiver : NULL;
}

static inline unsigned served_priority(const struct thread *receiver, unsigned priority)
{
        return receiver->base_priority > priority ? receiver->base_priority : priority;
}

/* From now on the receiver serves the thread's call, with its priority. `slot`: the reply right. */
static inline void serve_call(struct thread *receiver, struct slot *slot, struct thread *thread,
                              const struct right *right, unsigned priority, unsigned served,
                              uint64_t deadline, uint64_t trace)
{
        struct call *call = &thread->call;
        struct port *port = right->port;
        ring_remove(port->receivers, receiver, run.queue_link);
        receiver->messages++;
        slot->reply = &call->reply;
        slot->content = SLOT_CONTENT(SLOT_REPLY, OBJECT_REPLY, 0);
        call->reply.slot = slot;
        call->status = CALL_RECEIVED;
        call->port = port;
        call->badge = right->badge;
        call->proxy = right->proxy;
        call->server = receiver;
        receiver->serving = call;
        ring_append(port->received, call, link);
        receiver->run.priority = (uint8_t)served;
        receiver->inherited_priority = (int16_t)priority;
        receiver->inherited_deadline = deadline;
        receiver->trace = trace;
}

#endif
