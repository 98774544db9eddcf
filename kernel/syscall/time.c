/* Waiting, yielding, and the clock. */
#include "kernel/arch/arch.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

outcome_t syscall_null(struct thread *thread)
{
        (void)thread;
        return OUTCOME_OK;
}

outcome_t syscall_sleep(struct thread *thread)
{
        uint64_t deadline = argument(thread, 0);
        if (deadline > clock_now())
                thread_wait(thread, THREAD_SLEEPING, deadline);
        return OUTCOME_OK;
}

outcome_t syscall_yield(struct thread *thread)
{
        (void)thread;
        sched_yield();
        return OUTCOME_OK;
}

outcome_t syscall_clock_read(struct thread *thread)
{
        set_results(thread, clock_now(), 0, 0);
        return OUTCOME_OK;
}
