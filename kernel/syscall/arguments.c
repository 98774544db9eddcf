/* What many system calls do first and last: finding the object of an argument, and giving a handle.
 */
#include "kernel/syscall/syscall.h"

outcome_t task_argument(struct thread *thread, uint16_t rights, struct task **task)
{
        if (argument(thread, 0) == 0) {
                *task = thread->task;
                return OUTCOME_OK;
        }
        GET_OBJECT(thread, 0, task, rights, *task);
        return (*task)->alive ? OUTCOME_OK : not_executed(REASON_NOT_RUNNING);
}

outcome_t account_argument(struct thread *thread, unsigned index, struct account **account)
{
        *account = thread->task->object.account;
        if (argument(thread, index)) {
                struct account_object *object;
                GET_OBJECT(thread, index, account_object, RIGHT_CONTROL, object);
                *account = &object->account;
        }
        return OUTCOME_OK;
}

outcome_t give_handle(struct thread *thread, struct object *object, uint16_t rights)
{
        handle_t handle = handle_insert(&thread->task->handles, object, rights);
        if (!handle) {
                object_destroy(object);
                return not_executed(REASON_NO_MEMORY);
        }
        set_results(thread, handle, thread->run.context.second, thread->run.context.header);
        return OUTCOME_OK;
}
