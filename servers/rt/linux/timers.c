/* Signals by the clock: alarm and setitimer. A thread of the layer's own sleeps until the time of
 * one timer, and is there once somebody has set it.
 *
 * Sources: setitimer(2), alarm(2). Only real time: who sets a timer of processor time is told that
 * there is none. */
#include <errno.h>
#include <sys/time.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

static struct {
        struct thread *helper;  /* NULL: not made yet */
        uint64_t due, interval; /* ns; due 0: not set */
} timer;

void timers_forked(void)
{
        timer.helper = NULL;
        timer.due = timer.interval = 0;
}

static void timer_run(void)
{
        static const struct signal_sent by_clock = {.code = SI_KERNEL};
        struct thread *helper = thread_self();
        state_lock();
        for (;;) {
                uint64_t now = rt_now();
                if (timer.due && timer.due <= now) {
                        timer.due = timer.interval ? timer.due + timer.interval : 0;
                        if (timer.due && timer.due <= now)
                                timer.due = now + timer.interval;
                        signal_send(NULL, SIGALRM, &by_clock);
                }
                thread_wait(helper, WAKE_DONE, timer.due ? timer.due : TIME_NEVER);
        }
}

static uint64_t time_of(const struct timeval *from)
{
        return (uint64_t)from->tv_sec * RT_SECOND + (uint64_t)from->tv_usec * RT_MICROSECOND;
}

static bool time_valid(const struct timeval *time)
{
        return time->tv_sec >= 0 && time->tv_sec < INT32_MAX && time->tv_usec >= 0 &&
               time->tv_usec < 1000000;
}

/* What is left; never 0 of a timer that is set. Context: `state`. */
static uint64_t timer_left(void)
{
        uint64_t now = rt_now();
        if (!timer.due)
                return 0;
        return timer.due > now + RT_MICROSECOND ? timer.due - now : RT_MICROSECOND;
}

/* 0, or -ENOMEM. Context: `state`. */
static int64_t timer_set(uint64_t after, uint64_t interval)
{
        if (after && !timer.helper)
                timer.helper = thread_helper(timer_run);
        if (after && !timer.helper)
                return -ENOMEM;
        timer.due = after ? rt_after(after) : 0;
        timer.interval = interval;
        if (timer.helper)
                sys_event_signal(timer.helper->event, WAKE_DONE);
        return 0;
}

int64_t linux_setitimer(int which, const void *new, void *old)
{
        struct itimerval set, before;
        if (which != ITIMER_REAL)
                return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOSYS : -EINVAL;
        if (new)
                bytes_copy(&set, new, sizeof set);
        if (new && (!time_valid(&set.it_value) || !time_valid(&set.it_interval)))
                return -EINVAL;
        state_lock();
        before = (struct itimerval){time_coarse(timer.interval), time_coarse(timer_left())};
        int64_t error = new ? timer_set(time_of(&set.it_value), time_of(&set.it_interval)) : 0;
        state_unlock();
        if (old && !error)
                bytes_copy(old, &before, sizeof before);
        return error;
}

/* The seconds that were left, and at least one of a timer that was set. */
int64_t linux_alarm(unsigned seconds)
{
        state_lock();
        uint64_t left = timer_left();
        int64_t error = timer_set(seconds * RT_SECOND, 0);
        state_unlock();
        return error ? error : (int64_t)((left + RT_SECOND - 1) / RT_SECOND);
}
