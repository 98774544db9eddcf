#include "kernel/include/arch/arch.h"
#include "kernel/ipc/call.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"

static message_handler *const message_handlers[] = {
#define MESSAGE_CALL(number, name, arguments, text) [number] = message_##name,
#define SYSCALL(number, name, arguments, results, text)
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};

static syscall_handler *const handlers[] = {
#define MESSAGE_CALL(number, name, arguments, text)
#define SYSCALL(number, name, arguments, results, text) [number] = syscall_##name,
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
};

enum {
        MESSAGE_COUNT = sizeof(message_handlers) / sizeof(message_handlers[0]),
        HANDLER_COUNT = sizeof(handlers) / sizeof(handlers[0]),
};

/* Linux's ENOSYS, for a task without a handler of Linux system calls. */
#define LINUX_ENOSYS ((uint64_t)-38)

void kernel_syscall(struct context *context)
{
        struct thread *thread = container_of(context, struct thread, context);
        uint64_t number = context->rax - SYSCALL_BASE;
        if (number < MESSAGE_COUNT) {
                message_handlers[number](thread);
        } else if (number < HANDLER_COUNT && handlers[number]) {
                outcome_t outcome = handlers[number](thread);
                if (current_thread() == thread && thread->state == THREAD_READY)
                        context->rax = outcome;
        } else if (context->rax < SYSCALL_BASE) {
                if (thread->task->reflect)
                        context_reflect(context, thread->task->reflect);
                else
                        context->rax = LINUX_ENOSYS;
        } else {
                context->rax = not_executed(REASON_NO_SYSCALL);
        }
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

outcome_t task_argument(struct thread *thread, unsigned index, uint16_t rights, struct task **task)
{
        if (argument(thread, index) == 0) {
                *task = thread->task;
                return OUTCOME_OK;
        }
        GET_OBJECT(thread, index, OBJECT_TASK, task, rights, *task);
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
