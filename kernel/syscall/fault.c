/* Faults in user mode, and who handles them. A page fault that a mapping explains is the kernel's
 * to settle; all others go to the fault handler of the thread, or else of its task. */
#include "kernel/ipc/fault.h"
#include "kernel/arch/arch.h"
#include "kernel/ipc/port.h"
#include "kernel/syscall/fastpath.h"
#include "kernel/syscall/syscall.h"

void kernel_fault(struct context *context, unsigned reason, uint64_t address, unsigned access)
{
        struct thread *thread = container_of(context, struct thread, run.context);
        uint64_t words[FAULT_WORDS];
        if (reason == FAULT_PAGE && space_fault(&thread->task->space, address, access))
                return;
        struct right *right = fault_prepare(thread, reason, address, words);
        if (right && !fastpath_fault(thread, right, words))
                fault_send(thread, right, words);
}

/* A copy of the right of the second argument; 0: none. */
static outcome_t set_handler(struct thread *thread, struct slot *handler)
{
        struct right *right = NULL;
        if (argument(thread, 1))
                GET_OBJECT(thread, 1, right, RIGHT_SEND | RIGHT_COPY, right);
        slot_clear(handler);
        if (right)
                slot_fill(handler, SLOT_TRANSIT, &right->object, RIGHT_SEND);
        return OUTCOME_OK;
}

outcome_t syscall_task_set_fault_handler(struct thread *thread)
{
        struct task *task;
        GET_OBJECT(thread, 0, task, RIGHT_CONTROL, task);
        return task->alive ? set_handler(thread, &task->fault_handler)
                           : not_executed(REASON_NOT_RUNNING);
}

outcome_t syscall_thread_set_fault_handler(struct thread *thread)
{
        struct thread *target = thread;
        if (argument(thread, 0))
                GET_OBJECT(thread, 0, thread, RIGHT_CONTROL, target);
        return set_handler(thread, &target->fault_handler);
}
