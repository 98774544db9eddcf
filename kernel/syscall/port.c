/* Ports and the rights to them. Only the holder of the receive right makes, issues and revokes
 * rights. */
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/syscall/syscall.h"

HANDLER(port_create)
{
        struct port *port = port_create(caller->task->object.account);
        if (!port)
                return not_executed(REASON_NO_MEMORY);
        port->reflect = caller->reflect;
        return give_handle(caller, &port->object, RIGHT_RECEIVE | RIGHT_DESTROY);
}

HANDLER(port_bind)
{
        if (event->source.port && event->source.port != port)
                return not_executed(REASON_BUSY);
        source_bind(&event->source, port, key);
        event_signal(event, 0); /* it may have bits already */
        return OUTCOME_OK;
}

HANDLER(port_detail)
{
        port->detail = on != 0;
        return OUTCOME_OK;
}

/* What a handle to a right can permit. */
enum { RIGHTS_OF_RIGHT = RIGHT_SEND | RIGHT_COPY | RIGHT_TRAVEL };

HANDLER(right_mint)
{
        struct right *right;
        outcome_t outcome = right_mint(port, caller->task->object.account, badge, &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        right->issues = 1;
        right->proxy = rights & RIGHT_PROXY;
        return give_handle(caller, &right->object, (uint16_t)(rights & RIGHTS_OF_RIGHT));
}

HANDLER(right_issue)
{
        struct right *right = right_find(port, badge);
        if (!right)
                return not_executed(REASON_NOT_FOUND);
        handle_t handle = handle_insert(&caller->task->handles, &right->object,
                                        (uint16_t)(rights & RIGHTS_OF_RIGHT));
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        right->issues++;
        set_results(caller, handle, right->issues, 0);
        return OUTCOME_OK;
}

/* Busy would say that a call object is under way. */
HANDLER(right_revoke)
{
        struct right *right = right_find(port, badge);
        if (reason >= REASON_END)
                return not_executed(REASON_MALFORMED);
        if (!right)
                return not_executed(REASON_NOT_FOUND);
        bool told = reason && reason != REASON_BUSY;
        right_revoke(right, told ? (enum reason)reason : REASON_REVOKED);
        return OUTCOME_OK;
}
