/* What many system calls do last: giving a handle. */
#include "kernel/syscall/syscall.h"

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
