/* The handlers by system call number, and what becomes of all other numbers. The entry code calls
 * through the tables itself: a number without a handler must be NULL there. */
#include "kernel/arch/entry.h"
#include "kernel/arch/fast.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"

fast_handler *const syscall_fast[SYSCALL_MESSAGES] = {
#define MESSAGE_CALL(number, name, ...) [number] = fast_##name,
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

/* Linux's ENOSYS, for a thread without a handler of Linux system calls. */
#define LINUX_ENOSYS ((uint64_t)-38)

void kernel_syscall_done(outcome_t outcome)
{
        struct thread *thread = (struct thread *)context_loaded();
        if (thread && thread->run.state == THREAD_READY)
                thread->run.context.outcome = outcome;
}

void kernel_syscall_foreign(struct thread *thread)
{
        struct context *context = &thread->run.context;
        if (context->number >= SYSCALL_BASE)
                context->outcome = not_executed(REASON_NO_SYSCALL);
        else if (thread->reflect)
                context_reflect(context, thread->reflect);
        else
                context->outcome = LINUX_ENOSYS;
}
