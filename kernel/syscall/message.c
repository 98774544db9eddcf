/* Message calls in general, and call objects. What fastpath.c does too has to agree with it. */
#include "kernel/arch/arch.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/ipc/reply.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

void message_call(struct thread *thread)
{
        struct context *context = &thread->run.context;
        call_begin(thread, (handle_t)context->handle, context->header, context->deadline, false);
}

void message_send(struct thread *thread)
{
        struct context *context = &thread->run.context;
        call_begin(thread, (handle_t)context->handle, context->header, context->deadline, true);
}

static outcome_t port_argument(struct thread *thread, struct port **port)
{
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, *port);
        return OUTCOME_OK;
}

void message_receive(struct thread *thread)
{
        struct context *context = &thread->run.context;
        struct slot **last = &thread->right_slot, *event = NULL;
        struct port *port;
        outcome_t outcome = port_argument(thread, &port);
        if (outcome != OUTCOME_OK) {
                context->outcome = outcome;
                return;
        }
        if (context->second)
                event = handle_recall(&thread->task->handles, context->second, last);
        if (event && slot_holds(event, OBJECT_EVENT, RIGHT_SIGNAL))
                event_signal(container_of(event->object, struct event, object), context->header);
        port_receive(port, thread, context->deadline);
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
        struct port *port;
        outcome_t outcome = port_argument(thread, &port);
        if (outcome != OUTCOME_OK) {
                context->outcome = outcome;
                return;
        }
        handle_t reply = (handle_t)context->second;
        if (reply && call_reply(thread, reply, context->header, &caller) != OUTCOME_OK) {
                struct slot *slot = handle_slot(&thread->task->handles, reply);
                if (slot && slot->state == SLOT_REPLY) {
                        slot_clear(slot);
                        handle_free(slot);
                }
        }
        outcome = port_argument(thread, &port); /* the answer may have moved it */
        if (outcome == OUTCOME_OK)
                port_receive(port, thread, context->deadline);
        else
                context->outcome = outcome;
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
                outcome = call_start(container_of(object, struct call, object), thread,
                                     (handle_t)context->handle, context->header, context->deadline);
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
