/* Signals by the clock: alarm and setitimer, and the timers that timer_create makes. A thread of
 * the layer's own sleeps until the first of their times, and is there once somebody has set one.
 *
 *      free ──timer_create──> not set ──settime──> set ──its time──> sends its signal, is set anew
 *                                ^─────────────────────────────────────────┘ if it has an interval
 *
 * A timer whose last signal nobody has taken yet sends none: it counts what it has passed over
 * (timer_getoverrun(2)). Context: `state` (threads.h), but for the calls.
 *
 * Sources: setitimer(2), alarm(2), timer_create(2), timer_settime(2). Only real time: who sets a
 * timer of processor time is told that there is none. */
#include <errno.h>
#include <limits.h>
#include <sys/time.h>
#include <time.h>

#include "servers/common/least.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/queue.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

enum { TIMERS = 32, NOTIFY_THREAD = 4 /* SIGEV_THREAD_ID */ };

struct clock_timer {
        bool used;
        bool dated; /* its times are dates */
        int notify; /* SIGEV_SIGNAL or SIGEV_NONE; with NOTIFY_THREAD or without */
        int signal;
        int64_t thread;         /* that gets it; 0: the process */
        uint64_t value;         /* sigval */
        uint64_t due, interval; /* ns; due 0: not set */
        uint64_t passed_over;   /* times since the signal that is pending */
        uint64_t overrun;       /* of the one that was taken last */
};

static struct {
        struct thread *helper;   /* NULL: not made yet */
        struct clock_timer real; /* alarm's and setitimer's */
        struct clock_timer list[TIMERS];
} timers;

/* Only alarm's goes on with the next program (timer_left), none with a child. */
void timers_forked(void)
{
        bytes_zero(&timers, sizeof timers);
}

/* ---- the clock ------------------------------------------------------------------------------- */

static bool has_id(struct thread *thread, uint64_t id)
{
        return thread->id == (int64_t)id;
}

/* One of the list has come so often. */
static void timer_send(struct clock_timer *timer, uint64_t times)
{
        const struct signal_sent sent = {SI_TIMER, (int32_t)(timer - timers.list), timer->value};
        struct thread *to = timer->thread ? threads_find(has_id, (uint64_t)timer->thread) : NULL;
        if (timer->notify == SIGEV_NONE || (timer->thread && !to))
                return;
        if (signal_waits(to, timer->signal, &sent)) {
                timer->passed_over += times;
                return;
        }
        timer->passed_over = times - 1;
        if (timer->signal < SIGNAL_REAL_TIME || signals_room())
                signal_send(to, timer->signal, &sent);
}

/* The times that have come by now, of which the timer then knows; 0: none. */
static uint64_t times_pass(struct clock_timer *timer, uint64_t now)
{
        if (!timer->due || timer->due > now)
                return 0;
        const uint64_t times = timer->interval ? 1 + (now - timer->due) / timer->interval : 1;
        timer->due = timer->interval ? rt_later(timer->due, times, timer->interval) : 0;
        return times;
}

static uint64_t earlier(const struct clock_timer *timer, uint64_t next)
{
        return timer->due && timer->due < next ? timer->due : next;
}

static void timers_run(void)
{
        static const struct signal_sent by_clock = {.code = SI_KERNEL};
        struct thread *helper = thread_self();
        state_lock();
        for (;;) {
                const uint64_t now = rt_now();
                if (times_pass(&timers.real, now))
                        signal_send(NULL, SIGALRM, &by_clock);
                uint64_t next = earlier(&timers.real, TIME_NEVER);
                for (unsigned i = 0; i < TIMERS; i++) {
                        const uint64_t times = times_pass(&timers.list[i], now);
                        if (times)
                                timer_send(&timers.list[i], times);
                        next = earlier(&timers.list[i], next);
                }
                thread_wait(helper, WAKE_DONE, next);
        }
}

/* What is left; never 0 of a timer that is set. */
static uint64_t timer_left_of(const struct clock_timer *timer)
{
        const uint64_t now = rt_now();
        if (!timer->due)
                return 0;
        return timer->due > now + RT_MICROSECOND ? timer->due - now : RT_MICROSECOND;
}

/* due: 0: not set. 0, or -ENOMEM. */
static int64_t timer_set(struct clock_timer *timer, uint64_t due, uint64_t interval)
{
        if (due && !timers.helper)
                timers.helper = thread_helper(timers_run);
        if (due && !timers.helper)
                return -ENOMEM;
        timer->due = due;
        timer->interval = interval;
        if (timers.helper)
                sys_event_signal(timers.helper->event, WAKE_DONE);
        return 0;
}

/* ---- alarm, setitimer ------------------------------------------------------------------------ */

static uint64_t time_of(const struct timeval *from)
{
        return (uint64_t)from->tv_sec * RT_SECOND + (uint64_t)from->tv_usec * RT_MICROSECOND;
}

static bool time_valid(const struct timeval *time)
{
        return time->tv_sec >= 0 && time->tv_sec < INT32_MAX && time->tv_usec >= 0 &&
               time->tv_usec < 1000000;
}

static int64_t real_set(uint64_t after, uint64_t interval)
{
        return timer_set(&timers.real, after ? rt_after(after) : 0, interval);
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
        before = (struct itimerval){time_coarse(timers.real.interval),
                                    time_coarse(timer_left_of(&timers.real))};
        int64_t error = new ? real_set(time_of(&set.it_value), time_of(&set.it_interval)) : 0;
        state_unlock();
        if (old && !error)
                bytes_copy(old, &before, sizeof before);
        return error;
}

/* The seconds that were left, and at least one of a timer that was set. */
int64_t linux_alarm(unsigned seconds)
{
        state_lock();
        uint64_t left = timer_left_of(&timers.real);
        int64_t error = real_set(seconds * RT_SECOND, 0);
        state_unlock();
        return error ? error : (int64_t)((left + RT_SECOND - 1) / RT_SECOND);
}

void timer_leave(uint64_t *due, uint64_t *interval)
{
        state_lock();
        *due = timers.real.due;
        *interval = timers.real.interval;
        state_unlock();
}

void timer_take(uint64_t due, uint64_t interval)
{
        state_lock();
        timer_set(&timers.real, due, interval);
        state_unlock();
}

/* ---- those that are made --------------------------------------------------------------------- */

/* As the kernel has struct sigevent. */
struct event_wanted {
        uint64_t value;
        int32_t signal, notify, thread;
};

static bool clock_known(int clock)
{
        return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ||
               clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

/* The timer of a number; NULL: there is none. */
static struct clock_timer *timer_of(int64_t id)
{
        return id >= 0 && id < TIMERS && timers.list[id].used ? &timers.list[id] : NULL;
}

/* What is asked for, if it is known. 0, or a negated errno. */
static int64_t event_take(const struct event_wanted *event, struct clock_timer *timer)
{
        const int notify = event->notify;
        if (notify == SIGEV_NONE) {
                timer->notify = SIGEV_NONE;
                return 0;
        }
        if ((notify != SIGEV_SIGNAL && notify != SIGEV_THREAD && notify != NOTIFY_THREAD) ||
            event->signal < 1 || event->signal > SIGNALS)
                return -EINVAL;
        if (notify == NOTIFY_THREAD && !threads_find(has_id, (uint64_t)event->thread))
                return -EINVAL;
        timer->notify = SIGEV_SIGNAL;
        timer->signal = event->signal;
        timer->thread = notify == NOTIFY_THREAD ? event->thread : 0;
        timer->value = event->value;
        return 0;
}

int64_t linux_timer_create(int clock, const void *wanted, int32_t *id)
{
        struct clock_timer timer = {.used = true, .dated = clock == CLOCK_REALTIME};
        struct event_wanted event = {.signal = SIGALRM};
        int i = 0;
        if (!clock_known(clock))
                return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID
                           ? -EOPNOTSUPP
                           : -EINVAL;
        timer.dated |= clock == CLOCK_REALTIME_ALARM;
        if (wanted)
                bytes_copy(&event, wanted, sizeof event);
        state_lock();
        while (i < TIMERS && timers.list[i].used)
                i++;
        int64_t error = i == TIMERS ? -EAGAIN : event_take(&event, &timer);
        if (!wanted)
                timer.value = (uint64_t)i;
        if (!error)
                timers.list[i] = timer;
        state_unlock();
        if (!error)
                *id = i;
        return error;
}

int64_t linux_timer_delete(int64_t id)
{
        state_lock();
        struct clock_timer *timer = timer_of(id);
        if (timer)
                bytes_zero(timer, sizeof *timer);
        state_unlock();
        return timer ? 0 : -EINVAL;
}

static void timer_tell(const struct clock_timer *timer, void *to)
{
        struct itimerspec now;
        time_split(timer_left_of(timer), &now.it_value);
        time_split(timer->interval, &now.it_interval);
        bytes_copy(to, &now, sizeof now);
}

int64_t linux_timer_settime(int64_t id, int flags, const void *from, void *old)
{
        struct itimerspec set, before;
        uint64_t due, interval;
        bytes_copy(&set, from, sizeof set);
        int64_t error = time_join(&set.it_interval, &interval);
        if (!error)
                error = time_join(&set.it_value, &due);
        if (error || flags & ~TIMER_ABSTIME)
                return -EINVAL;
        state_lock();
        struct clock_timer *timer = timer_of(id);
        if (timer) {
                timer_tell(timer, &before);
                timer->passed_over = 0;
                if (due && !(flags & TIMER_ABSTIME))
                        due = rt_after(due);
                else if (due && timer->dated)
                        due = time_of_date(due) + !time_of_date(due);
                error = timer_set(timer, due, interval);
        }
        state_unlock();
        if (!timer || error)
                return timer ? error : -EINVAL;
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

int64_t linux_timer_gettime(int64_t id, void *to)
{
        state_lock();
        const struct clock_timer *timer = timer_of(id);
        if (timer)
                timer_tell(timer, to);
        state_unlock();
        return timer ? 0 : -EINVAL;
}

int64_t linux_timer_getoverrun(int64_t id)
{
        state_lock();
        const struct clock_timer *timer = timer_of(id);
        const uint64_t overrun = timer ? timer->overrun : 0;
        state_unlock();
        return timer ? (int64_t)least(overrun, INT32_MAX) : -EINVAL;
}

int32_t timer_taken(int32_t id)
{
        struct clock_timer *timer = timer_of(id);
        if (!timer)
                return 0;
        timer->overrun = timer->passed_over;
        timer->passed_over = 0;
        return (int32_t)least(timer->overrun, INT32_MAX);
}
