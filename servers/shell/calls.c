/* Calls by fibers; see calls.h. */
#include "servers/shell/calls.h"

static struct {
        handle_t event;
        struct {
                handle_t call; /* 0: not created yet */
                bool under_way;
                bool completed; /* the call under way has its outcome */
                bool cancelled;
        } fibers[FIBERS];
} calls;

outcome_t calls_init(void)
{
        return sys_event_create(&calls.event);
}

handle_t calls_event(void)
{
        return calls.event;
}

uint64_t calls_wait(uint64_t deadline)
{
        uint64_t bits = 0;
        if (sys_event_wait(calls.event, CALLS_BITS | CALLS_CANCEL | CALLS_NEWS, deadline, &bits) !=
            OUTCOME_OK)
                return 0;
        for (int fiber = 0; fiber < FIBERS; fiber++) {
                if (bits >> fiber & 1) {
                        calls.fibers[fiber].completed = true;
                        fiber_wake(fiber);
                }
        }
        if (bits & CALLS_NEWS)
                fibers_wake_all();
        return bits & CALLS_CANCEL;
}

void calls_cancel(int fiber)
{
        calls.fibers[fiber].cancelled = true;
        if (calls.fibers[fiber].under_way)
                rt_call_cancel(calls.fibers[fiber].call);
        fiber_wake(fiber);
}

void calls_fresh(int fiber)
{
        calls.fibers[fiber].cancelled = false;
}

bool calls_cancelled(void)
{
        return calls.fibers[fiber_current()].cancelled;
}

bool calls_sleep(uint64_t wait)
{
        uint64_t deadline = rt_after(wait);
        while (!calls_cancelled() && fiber_wait(deadline))
                ;
        return !calls_cancelled();
}

/* Lets other fibers run until the fiber's call, which was started, has its outcome. */
static outcome_t call_await(int fiber, struct arrival *reply)
{
        calls.fibers[fiber].under_way = true;
        while (!calls.fibers[fiber].completed)
                fiber_wait(FIBER_NEVER);
        calls.fibers[fiber].under_way = false;
        return rt_call_finish(calls.fibers[fiber].call, reply);
}

/* The linker calls the first instead of rt_call, and rt_call itself by the second (ld(1),
 * --wrap). */
outcome_t __wrap_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply);
outcome_t __real_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply);

outcome_t __wrap_rt_call(handle_t right, uint64_t deadline, const struct message *message,
                         struct arrival *reply)
{
        int fiber = fiber_current();
        if (fiber < 0)
                return __real_rt_call(right, deadline, message, reply);
        if (calls.fibers[fiber].cancelled)
                return not_executed(REASON_CANCELLED);
        outcome_t outcome = OUTCOME_OK;
        if (!calls.fibers[fiber].call)
                outcome = sys_call_create(calls.event, 1ull << fiber, &calls.fibers[fiber].call);
        struct arrival nothing = {0};
        if (!reply)
                reply = &nothing;
        calls.fibers[fiber].completed = false;
        if (outcome == OUTCOME_OK)
                outcome = rt_call_start(right, calls.fibers[fiber].call, deadline, message, reply);
        if (outcome == OUTCOME_OK)
                outcome = call_await(fiber, reply);
        return outcome;
}

/* The same in the place of rt/file/wait.c. */
outcome_t __wrap_reader_call(handle_t *call);
outcome_t __wrap_reader_wait(uint64_t deadline);

outcome_t __wrap_reader_call(handle_t *call)
{
        return sys_call_create(calls.event, CALLS_NEWS, call);
}

outcome_t __wrap_reader_wait(uint64_t deadline)
{
        fiber_wait(deadline);
        return calls_cancelled() ? not_executed(REASON_CANCELLED) : OUTCOME_OK;
}
