/* Threads between ready, stopped and blocked. A thread waits on at most one list and one timer;
 * end_wait() takes it off both, and so does thread_withdraw(): every wait ends through one of them.
 */
#include "kernel/task/wait.h"
#include "kernel/debug/panic.h"
#include "kernel/task/thread.h"

outcome_t thread_start(struct thread *thread)
{
        thread->stop_wanted = false;
        if (thread->run.state == THREAD_STOPPED)
                sched_ready(&thread->run);
        return OUTCOME_OK;
}

/* Without a handle nobody could start it again: object_released(). */
static void stop(struct thread *thread)
{
        thread->run.state = THREAD_STOPPED;
        sched_unready(&thread->run);
        kassert(list_empty(&thread->run.queue_link));
        object_released(&thread->object);
}

void thread_stop(struct thread *thread)
{
        if (thread->run.state == THREAD_READY) {
                stop(thread);
        } else if (thread->run.state != THREAD_STOPPED) {
                thread->stop_wanted = true;
        }
}

void thread_unqueue(struct thread *thread)
{
        if (thread->run.state == THREAD_RECEIVING && *thread->receivers == thread)
                ring_remove(*thread->receivers, thread, run.queue_link);
        else
                list_remove(&thread->run.queue_link);
}

/* Takes the thread off what it waits on; false: it stops instead of resuming. */
static bool end_wait(struct thread *thread)
{
        kassert(thread->run.state > THREAD_READY);
        thread_unqueue(thread);
        if (!thread->stop_wanted)
                return true;
        thread->stop_wanted = false;
        stop(thread);
        return false;
}

void thread_resume(struct thread *thread)
{
        if (end_wait(thread))
                sched_ready(&thread->run);
}

void thread_resume_now(struct thread *thread)
{
        if (end_wait(thread))
                sched_switch_to(&thread->run);
}

void thread_wait_expired(struct thread *thread)
{
        if (thread->run.state == THREAD_READY || thread->run.state == THREAD_STOPPED)
                return;
        bool asleep = thread->run.state == THREAD_SLEEPING;
        thread->run.context.outcome = asleep ? OUTCOME_OK : not_executed(REASON_DEADLINE);
        thread_resume(thread);
}

void thread_wait(struct thread *thread, enum thread_state state, uint64_t deadline)
{
        kassert(thread->run.state == THREAD_READY); /* whatever it has woken may be current */
        thread->run.state = (uint8_t)state;
        sched_unready(&thread->run);
        timer_set(&thread->call.timer, deadline);
}
