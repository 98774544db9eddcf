/* The handlers by system call number, what becomes of all other numbers, and of faults. The entry
 * code calls through the tables itself: a number without a handler must be NULL there. */
#include "kernel/include/arch/arch.h"
#include "kernel/ipc/call.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"

message_handler *const syscall_messages[SYSCALL_MESSAGES] = {
#define MESSAGE_CALL(number, name, ...) [number] = message_##name,
#define SYSCALL(number, name, ...)
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};

syscall_handler *const syscall_others[SYSCALL_NUMBERS] = {
#define MESSAGE_CALL(number, name, ...)
#define SYSCALL(number, name, ...) [number] = syscall_##name,
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};

/* Linux's ENOSYS, for a task without a handler of Linux system calls. */
#define LINUX_ENOSYS ((uint64_t)-38)

void kernel_syscall_done(outcome_t outcome)
{
        struct thread *thread = current_thread();
        if (thread && thread->state == THREAD_READY)
                thread->context.rax = outcome;
}

void kernel_syscall_foreign(struct thread *thread)
{
        struct context *context = &thread->context;
        if (context->rax >= SYSCALL_BASE)
                context->rax = not_executed(REASON_NO_SYSCALL);
        else if (thread->task->reflect)
                context_reflect(context, thread->task->reflect);
        else
                context->rax = LINUX_ENOSYS;
}

void kernel_fault(struct context *context, unsigned reason, uint64_t address)
{
        struct thread *thread = container_of(context, struct thread, context);
        enum { ERROR_WRITE = 2, ERROR_FETCH = 16 };
        if (reason == FAULT_PAGE &&
            space_fault(&thread->task->space, address, context->error & ERROR_WRITE,
                        context->error & ERROR_FETCH))
                return;
        call_fault(thread, reason, address);
}

outcome_t task_argument(struct thread *thread, uint16_t rights, struct task **task)
{
        if (argument(thread, 0) == 0) {
                *task = thread->task;
                return OUTCOME_OK;
        }
        GET_OBJECT(thread, 0, OBJECT_TASK, task, rights, *task);
        return (*task)->alive ? OUTCOME_OK : not_executed(REASON_NOT_RUNNING);
}

outcome_t give_handle(struct thread *thread, struct object *object, uint16_t rights)
{
        handle_t handle = handle_insert(thread->task, object, rights);
        if (!handle) {
                object_destroy(object);
                return not_executed(REASON_NO_MEMORY);
        }
        set_results(thread, handle, thread->context.rsi, thread->context.rdx);
        return OUTCOME_OK;
}
