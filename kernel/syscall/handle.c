/* Handles: closing, copying, granting, asking, and ending what they stand for. No way leads to a
 * handle with more rights than the one it was made from. */
#include "kernel/ipc/port.h"
#include "kernel/syscall/syscall.h"

HANDLER(handle_close)
{
        slot_clear(handle);
        handle_free(handle);
        return OUTCOME_OK;
}

/* A copy in a table, with no more rights than the first. */
static outcome_t copy_into(struct handle_table *table, struct thread *caller,
                           const struct slot *handle, uint64_t rights)
{
        if (handle->state != SLOT_HANDLE || !(handle->rights & RIGHT_COPY))
                return not_executed(REASON_REFUSED);
        handle_t copy = handle_insert(table, handle->object, (uint16_t)(handle->rights & rights));
        if (!copy)
                return not_executed(REASON_NO_MEMORY);
        caller->run.context.result = copy;
        return OUTCOME_OK;
}

HANDLER(handle_copy)
{
        return copy_into(&caller->task->handles, caller, handle, rights);
}

HANDLER(handle_info)
{
        if (handle->state == SLOT_DEAD)
                return not_executed(handle->rights);
        uint64_t rights = handle->rights;
        if (handle->kind == OBJECT_RIGHT) {
                const struct right *right = container_of(handle->object, struct right, object);
                outcome_t outcome = right_check(right);
                if (outcome != OUTCOME_OK)
                        return outcome;
                rights |= right->proxy ? RIGHT_PROXY : 0;
        }
        set_results(caller, handle->kind, rights,
                    handle->state == SLOT_HANDLE ? handle->object->identity : 0);
        return OUTCOME_OK;
}

HANDLER(handle_grant)
{
        return copy_into(&task->handles, caller, handle, rights);
}

HANDLER(object_destroy)
{
        if (handle->state == SLOT_DEAD)
                return not_executed(REASON_BAD_HANDLE);
        if (handle->state != SLOT_HANDLE)
                return not_executed(REASON_WRONG_TYPE);
        if (!(handle->rights & RIGHT_DESTROY))
                return not_executed(REASON_REFUSED);
        object_destroy(handle->object);
        return OUTCOME_OK;
}
