/* Handles: closing, copying, granting, asking, and ending what they stand for. No way leads to a
 * handle with more rights than the one it was made from. */
#include "kernel/ipc/port.h"
#include "kernel/syscall/syscall.h"

outcome_t syscall_handle_close(struct thread *thread)
{
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 0));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        slot_clear(slot);
        handle_free(slot);
        return OUTCOME_OK;
}

outcome_t syscall_handle_copy(struct thread *thread)
{
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 0));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_COPY))
                return not_executed(REASON_REFUSED);
        handle_t handle = handle_insert(&thread->task->handles, slot->object,
                                        (uint16_t)(slot->rights & argument(thread, 1)));
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        thread->run.context.result = handle;
        return OUTCOME_OK;
}

outcome_t syscall_handle_info(struct thread *thread)
{
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 0));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state == SLOT_DEAD)
                return not_executed(slot->rights);
        uint64_t rights = slot->rights;
        if (slot->kind == OBJECT_RIGHT) {
                const struct right *right = container_of(slot->object, struct right, object);
                outcome_t outcome = right_check(right);
                if (outcome != OUTCOME_OK)
                        return outcome;
                rights |= right->proxy ? RIGHT_PROXY : 0;
        }
        set_results(thread, slot->kind, rights,
                    slot->state == SLOT_HANDLE ? slot->object->identity : 0);
        return OUTCOME_OK;
}

outcome_t syscall_handle_grant(struct thread *thread)
{
        struct task *task;
        GET_OBJECT(thread, 0, task, RIGHT_CONTROL, task);
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 1));
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_COPY))
                return not_executed(REASON_REFUSED);
        if (!task->alive)
                return not_executed(REASON_NOT_RUNNING);
        handle_t handle = handle_insert(&task->handles, slot->object,
                                        (uint16_t)(slot->rights & argument(thread, 2)));
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        thread->run.context.result = handle;
        return OUTCOME_OK;
}

outcome_t syscall_object_destroy(struct thread *thread)
{
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 0));
        if (!slot || slot->state == SLOT_DEAD)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state != SLOT_HANDLE)
                return not_executed(REASON_WRONG_TYPE);
        if (!(slot->rights & RIGHT_DESTROY))
                return not_executed(REASON_REFUSED);
        object_destroy(slot->object);
        return OUTCOME_OK;
}
