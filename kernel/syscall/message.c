/* Message calls in general, and call objects. What fastpath.c does too has to agree with it. */
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/ipc/reply.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

void message_call(struct thread *thread)
{
        call_begin(thread, false);
}

void message_send(struct thread *thread)
{
        call_begin(thread, true);
}

/* NULL: the thread has its outcome. */
static struct port *port_argument(struct thread *thread)
{
        struct object *object;
        outcome_t outcome = handle_object(&thread->task->handles, thread->run.context.handle,
                                          &port_type, RIGHT_RECEIVE, &object);
        if (outcome == OUTCOME_OK)
                return container_of(object, struct port, object);
        thread->run.context.outcome = outcome;
        return NULL;
}

void message_signal(struct thread *thread)
{
        const struct context *context = &thread->run.context;
        if (!context->second)
                return;
        struct slot *slot =
            handle_recall(&thread->task->handles, context->second, &thread->right_slot);
        if (slot_holds(slot, OBJECT_EVENT, RIGHT_SIGNAL))
                event_signal(container_of(slot->object, struct event, object), context->header);
}

void message_receive(struct thread *thread)
{
        struct port *port = port_argument(thread);
        if (!port)
                return;
        message_signal(thread);
        port_receive(port, thread, thread->run.context.deadline);
}

void message_reply(struct thread *thread)
{
        struct context *context = &thread->run.context;
        struct thread *caller;
        context->outcome = call_reply(thread, (handle_t)context->second, context->header, &caller);
        if (caller)
                thread_resume(caller);
}

void message_reply_receive(struct thread *thread)
{
        struct context *context = &thread->run.context;
        struct thread *caller = NULL;
        struct port *port = port_argument(thread);
        if (!port)
                return;
        handle_t reply = (handle_t)context->second;
        if (reply && call_reply(thread, reply, context->header, &caller) != OUTCOME_OK) {
                struct slot *slot = handle_slot(&thread->task->handles, reply);
                if (slot && slot->state == SLOT_REPLY) {
                        slot_clear(slot);
                        handle_free(slot);
                }
        }
        port = port_argument(thread); /* the answer may have moved it */
        if (port)
                port_receive(port, thread, context->deadline);
        if (caller && thread->run.state == THREAD_RECEIVING)
                thread_resume_now(caller);
        else if (caller)
                thread_resume(caller);
}

void message_call_start(struct thread *thread)
{
        struct context *context = &thread->run.context;
        struct object *object;
        outcome_t outcome = handle_object(&thread->task->handles, (handle_t)context->second,
                                          &call_type, RIGHT_CONTROL, &object);
        if (outcome == OUTCOME_OK)
                outcome = call_start(container_of(object, struct call, object), thread);
        context->outcome = outcome;
}

HANDLER(call_create)
{
        struct call *call = call_create(caller->task);
        if (!call)
                return not_executed(REASON_NO_MEMORY);
        binding_set(&call->completion, event, bits);
        return give_handle(caller, &call->object, RIGHT_CONTROL | RIGHT_DESTROY);
}

HANDLER(call_create_keyed)
{
        struct call *call = call_create(caller->task);
        if (!call)
                return not_executed(REASON_NO_MEMORY);
        source_bind(&call->source, port, key);
        return give_handle(caller, &call->object, RIGHT_CONTROL | RIGHT_DESTROY);
}

HANDLER(call_cancel)
{
        return call_cancel(call);
}
