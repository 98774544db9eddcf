/* Messages, ports, rights, calls and events. The message calls here are the slow path, which has to
 * agree with fastpath.c. */
#include "kernel/include/arch/arch.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/fastpath.h"
#include "kernel/ipc/port.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"

int64_t message_call_slow(struct thread *thread)
{
        struct context *context = &thread->context;
        call_begin(thread, (handle_t)context->rdi, context->rdx, context->r10, false);
        return WORDS_IN_CONTEXT;
}

int64_t message_send_slow(struct thread *thread)
{
        struct context *context = &thread->context;
        call_begin(thread, (handle_t)context->rdi, context->rdx, context->r10, true);
        return WORDS_IN_CONTEXT;
}

static outcome_t port_argument(struct thread *thread, struct port **port)
{
        GET_OBJECT(thread, 0, OBJECT_PORT, port, RIGHT_RECEIVE, *port);
        return OUTCOME_OK;
}

int64_t message_receive_slow(struct thread *thread)
{
        struct context *context = &thread->context;
        struct port *port;
        struct object *event;
        outcome_t outcome = port_argument(thread, &port);
        if (outcome != OUTCOME_OK) {
                context->rax = outcome;
                return WORDS_IN_CONTEXT;
        }
        if (context->rsi && handle_object(thread->task, (handle_t)context->rsi, OBJECT_EVENT,
                                          RIGHT_SIGNAL, &event) == OUTCOME_OK)
                event_signal(container_of(event, struct event, object), context->rdx);
        port_receive(port, thread, context->r10);
        return WORDS_IN_CONTEXT;
}

int64_t message_reply(struct thread *thread)
{
        struct context *context = &thread->context;
        struct thread *caller;
        context->rax = call_reply(thread, (handle_t)context->rsi, context->rdx, &caller);
        if (caller)
                thread_resume(caller);
        return WORDS_IN_CONTEXT;
}

int64_t message_reply_receive_slow(struct thread *thread)
{
        struct context *context = &thread->context;
        struct thread *caller = NULL;
        struct port *port;
        outcome_t outcome = port_argument(thread, &port);
        if (outcome != OUTCOME_OK) {
                context->rax = outcome;
                return WORDS_IN_CONTEXT;
        }
        handle_t reply = (handle_t)context->rsi;
        if (reply && call_reply(thread, reply, context->rdx, &caller) != OUTCOME_OK) {
                struct slot *slot = handle_slot(thread->task, reply);
                if (slot && slot->state == SLOT_REPLY) {
                        slot_clear(slot);
                        handle_free(slot);
                }
        }
        outcome = port_argument(thread, &port); /* the answer may have moved it */
        if (outcome == OUTCOME_OK)
                port_receive(port, thread, context->r10);
        else
                context->rax = outcome;
        if (caller && thread->state == THREAD_RECEIVING)
                thread_resume_now(caller);
        else if (caller)
                thread_resume(caller);
        return WORDS_IN_CONTEXT;
}

int64_t message_call_start(struct thread *thread)
{
        struct context *context = &thread->context;
        struct object *object;
        outcome_t outcome = handle_object(thread->task, (handle_t)context->rsi, OBJECT_CALL,
                                          RIGHT_CONTROL, &object);
        if (outcome == OUTCOME_OK)
                outcome = call_start(container_of(object, struct call, object), thread,
                                     (handle_t)context->rdi, context->rdx, context->r10);
        context->rax = outcome;
        return WORDS_IN_CONTEXT;
}

int64_t message_call_finish(struct thread *thread)
{
        struct context *context = &thread->context;
        struct object *object;
        outcome_t outcome = handle_object(thread->task, (handle_t)context->rdi, OBJECT_CALL,
                                          RIGHT_CONTROL, &object);
        if (outcome == OUTCOME_OK)
                call_finish(container_of(object, struct call, object), thread);
        else
                context->rax = outcome;
        return WORDS_IN_CONTEXT;
}

outcome_t syscall_call_create(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 0, OBJECT_EVENT, event, RIGHT_SIGNAL, event);
        struct call *call = call_create(thread->task, event, argument(thread, 1));
        if (!call)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &call->object, RIGHT_CONTROL | RIGHT_DESTROY);
}

outcome_t syscall_call_cancel(struct thread *thread)
{
        struct call *call;
        GET_OBJECT(thread, 0, OBJECT_CALL, call, RIGHT_CONTROL, call);
        return call_cancel(call);
}

outcome_t syscall_port_create(struct thread *thread)
{
        struct port *port = port_create(thread->task->object.account);
        if (!port)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &port->object, RIGHT_RECEIVE | RIGHT_DESTROY);
}

outcome_t syscall_port_bind(struct thread *thread)
{
        struct port *port;
        struct event *event = NULL;
        GET_OBJECT(thread, 0, OBJECT_PORT, port, RIGHT_RECEIVE, port);
        if (argument(thread, 1))
                GET_OBJECT(thread, 1, OBJECT_EVENT, event, RIGHT_WAIT, event);
        if (event &&
            ((event->port && event->port != port) || (port->event && port->event != event)))
                return not_executed(REASON_BUSY);
        port_bind(port, event);
        return OUTCOME_OK;
}

outcome_t syscall_port_detail(struct thread *thread)
{
        struct port *port;
        GET_OBJECT(thread, 0, OBJECT_PORT, port, RIGHT_RECEIVE, port);
        port->detail = argument(thread, 1) != 0;
        return OUTCOME_OK;
}

/* What a handle to a right can permit. */
enum { RIGHTS_OF_RIGHT = RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL };

outcome_t syscall_right_mint(struct thread *thread)
{
        struct port *port;
        struct right *right;
        GET_OBJECT(thread, 0, OBJECT_PORT, port, RIGHT_RECEIVE, port);
        outcome_t outcome =
            right_mint(port, thread->task->object.account, argument(thread, 1), &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        right->issues = 1;
        return give_handle(thread, &right->object,
                           (uint16_t)(argument(thread, 2) & RIGHTS_OF_RIGHT));
}

outcome_t syscall_right_issue(struct thread *thread)
{
        struct port *port;
        GET_OBJECT(thread, 0, OBJECT_PORT, port, RIGHT_RECEIVE, port);
        struct right *right = right_find(port, argument(thread, 1));
        if (!right)
                return not_executed(REASON_NOT_FOUND);
        handle_t handle = handle_insert(thread->task, &right->object,
                                        (uint16_t)(argument(thread, 2) & RIGHTS_OF_RIGHT));
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        right->issues++;
        set_results(thread, handle, right->issues, 0);
        return OUTCOME_OK;
}

outcome_t syscall_right_revoke(struct thread *thread)
{
        struct port *port;
        GET_OBJECT(thread, 0, OBJECT_PORT, port, RIGHT_RECEIVE, port);
        struct right *right = right_find(port, argument(thread, 1));
        uint64_t reason = argument(thread, 2) ? argument(thread, 2) : REASON_REVOKED;
        if (reason > UINT8_MAX)
                return not_executed(REASON_MALFORMED);
        if (!right)
                return not_executed(REASON_NOT_FOUND);
        right_revoke(right, (enum reason)reason);
        return OUTCOME_OK;
}

/* The list of watches of a handle's object. NULL: it cannot be watched, or, if *ended, it has ended
 * already. */
static struct list *watch_list(struct slot *slot, bool *ended)
{
        *ended = slot->state == SLOT_DEAD;
        if (slot->state != SLOT_HANDLE)
                return NULL;
        if (slot->object->type == OBJECT_RIGHT) {
                struct right *right = container_of(slot->object, struct right, object);
                *ended = !right->port;
                return &right->watches;
        }
        if (slot->object->type == OBJECT_TASK) {
                struct task *task = container_of(slot->object, struct task, object);
                *ended = !task->alive;
                return &task->watches;
        }
        return NULL;
}

outcome_t syscall_watch(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 1, OBJECT_EVENT, event, RIGHT_SIGNAL | RIGHT_WAIT, event);
        uint64_t bits = argument(thread, 2);
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 0));
        bool ended;
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        struct list *watches = watch_list(slot, &ended);
        if (!watches && !ended)
                return not_executed(REASON_WRONG_TYPE);
        if (ended)
                event_signal(event, bits);
        else if (!watch_create(watches, event, bits))
                return not_executed(REASON_NO_MEMORY);
        return OUTCOME_OK;
}

outcome_t syscall_unwatch(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 1, OBJECT_EVENT, event, RIGHT_SIGNAL, event);
        struct slot *slot = handle_slot(thread->task, (handle_t)argument(thread, 0));
        bool ended;
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        struct list *watches = watch_list(slot, &ended);
        if (!watches && !ended)
                return not_executed(REASON_WRONG_TYPE);
        if (ended || !watch_end(watches, event, argument(thread, 2)))
                return not_executed(REASON_NOT_FOUND);
        return OUTCOME_OK;
}

outcome_t syscall_event_create(struct thread *thread)
{
        struct event *event = event_create(thread->task->object.account);
        if (!event)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &event->object,
                           RIGHT_SIGNAL | RIGHT_WAIT | RIGHT_COPY | RIGHT_TRAVEL | RIGHT_DESTROY);
}

outcome_t syscall_event_signal(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 0, OBJECT_EVENT, event, RIGHT_SIGNAL, event);
        event_signal(event, argument(thread, 1));
        return OUTCOME_OK;
}

outcome_t syscall_event_wait(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 0, OBJECT_EVENT, event, RIGHT_WAIT, event);
        uint64_t wanted = argument(thread, 1), deadline = argument(thread, 2);
        uint64_t bits = event_take(event, wanted);
        if (bits) {
                thread->context.rdi = bits;
                return OUTCOME_OK;
        }
        if (deadline != TIME_NEVER && deadline <= clock_now())
                return not_executed(REASON_DEADLINE);
        thread->wanted_bits = wanted;
        thread_wait(thread, THREAD_WAITING, deadline);
        list_append(&event->waiters, &thread->queue_link);
        return OUTCOME_OK;
}
