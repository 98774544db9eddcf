/* Ports and the rights to them. Only the holder of the receive right makes, issues and revokes
 * rights. */
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/syscall/syscall.h"

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
        struct event *event;
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, port);
        GET_OBJECT(thread, 1, event, RIGHT_WAIT, event);
        if (event->source.port && event->source.port != port)
                return not_executed(REASON_BUSY);
        source_bind(&event->source, port, argument(thread, 2));
        event_signal(event, 0); /* it may have bits already */
        return OUTCOME_OK;
}

outcome_t syscall_port_unbind(struct thread *thread)
{
        struct port *port;
        struct event *event;
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, port);
        GET_OBJECT(thread, 1, event, 0, event);
        if (event->source.port != port)
                return not_executed(REASON_NOT_FOUND);
        source_unbind(&event->source);
        return OUTCOME_OK;
}

outcome_t syscall_port_detail(struct thread *thread)
{
        struct port *port;
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, port);
        port->detail = argument(thread, 1) != 0;
        return OUTCOME_OK;
}

/* What a handle to a right can permit. */
enum { RIGHTS_OF_RIGHT = RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL };

outcome_t syscall_right_mint(struct thread *thread)
{
        struct port *port;
        struct right *right;
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, port);
        outcome_t outcome =
            right_mint(port, thread->task->object.account, argument(thread, 1), &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        right->issues = 1;
        right->proxy = argument(thread, 2) & RIGHT_PROXY;
        return give_handle(thread, &right->object,
                           (uint16_t)(argument(thread, 2) & RIGHTS_OF_RIGHT));
}

outcome_t syscall_right_issue(struct thread *thread)
{
        struct port *port;
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, port);
        struct right *right = right_find(port, argument(thread, 1));
        if (!right)
                return not_executed(REASON_NOT_FOUND);
        handle_t handle = handle_insert(&thread->task->handles, &right->object,
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
        GET_OBJECT(thread, 0, port, RIGHT_RECEIVE, port);
        struct right *right = right_find(port, argument(thread, 1));
        uint64_t reason = argument(thread, 2) ? argument(thread, 2) : REASON_REVOKED;
        if (reason > UINT8_MAX)
                return not_executed(REASON_MALFORMED);
        if (!right)
                return not_executed(REASON_NOT_FOUND);
        right_revoke(right, (enum reason)reason);
        return OUTCOME_OK;
}
