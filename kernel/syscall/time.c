/* Waiting, yielding, and the clock. */
#include "kernel/arch/arch.h"
#include "kernel/sched/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

HANDLER(null)
{
        return OUTCOME_OK;
}

HANDLER(sleep)
{
        if (deadline > clock_now())
                thread_wait(caller, THREAD_SLEEPING, deadline);
        return OUTCOME_OK;
}

HANDLER(yield)
{
        sched_yield();
        return OUTCOME_OK;
}

HANDLER(clock_read)
{
        set_results(caller, clock_now(), 0, 0);
        return OUTCOME_OK;
}
