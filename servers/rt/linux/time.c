/* Time. The date is the node's as it was at its boot, and what has passed since then (rt_date); a
 * node without a clock of its own counts from 1970. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include "servers/proto/process.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"

void time_split(uint64_t nanoseconds, void *time)
{
        struct timespec *to = time;
        to->tv_sec = (time_t)(nanoseconds / RT_SECOND);
        to->tv_nsec = (long)(nanoseconds % RT_SECOND);
}

int64_t time_join(const void *time, uint64_t *nanoseconds)
{
        const struct timespec *from = time;
        if (from->tv_sec < 0 || from->tv_nsec < 0 || from->tv_nsec >= (long)RT_SECOND)
                return -EINVAL;
        uint64_t most = TIME_NEVER / RT_SECOND - 1;
        *nanoseconds = (uint64_t)from->tv_sec > most
                           ? TIME_NEVER
                           : (uint64_t)from->tv_sec * RT_SECOND + (uint64_t)from->tv_nsec;
        return 0;
}

int64_t time_deadline(const void *timeout, bool absolute, uint64_t *deadline)
{
        uint64_t time;
        *deadline = TIME_NEVER;
        int64_t error = timeout ? time_join(timeout, &time) : 0;
        if (timeout && !error)
                *deadline = absolute ? time : rt_after(time);
        return error;
}

uint64_t time_of_date(uint64_t date)
{
        const uint64_t boot = rt_boot_date();
        return date == TIME_NEVER ? date : date > boot ? date - boot : 0;
}

struct timeval time_coarse(uint64_t nanoseconds)
{
        return (struct timeval){(time_t)(nanoseconds / RT_SECOND),
                                (suseconds_t)(nanoseconds % RT_SECOND / RT_MICROSECOND)};
}

/* What the processor has given to this task. */
static uint64_t cpu_time(void)
{
        struct task_info info = {0};
        sys_task_info(rt_handle("task"), &info);
        return info.cpu_time;
}

static bool is_date(int clock)
{
        return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
               clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

/* A thread that is not the only one has no clock of its own: the kernel tells the time of those
 * that do not run. */
static bool clock_there(int clock)
{
        return clock >= 0 && clock <= CLOCK_TAI && clock != CLOCK_SGI_CYCLE &&
               (clock != CLOCK_THREAD_CPUTIME_ID || threads_alone());
}

int64_t linux_clock_gettime(int clock, void *time)
{
        if (!clock_there(clock))
                return -EINVAL;
        if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
                time_split(cpu_time(), time);
        else
                time_split(is_date(clock) ? rt_date() : rt_now(), time);
        return 0;
}

/* What the children have had that were waited for, and theirs. */
static uint64_t children_time(void)
{
        const struct startup *startup = rt_startup();
        uint64_t children = 0;
        if (startup && startup->program.entry)
                process_usage(rt_handle("log"), RT_DEADLINE, &children);
        return children;
}

int64_t linux_getrusage(int who, void *usage)
{
        struct rusage *to = usage;
        if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN &&
            (who != RUSAGE_THREAD || !threads_alone()))
                return -EINVAL;
        bytes_zero(to, offsetof(struct rusage, ru_nivcsw) + sizeof to->ru_nivcsw);
        to->ru_utime = time_coarse(who == RUSAGE_CHILDREN ? children_time() : cpu_time());
        return 0;
}

int64_t linux_clock_getres(int clock, void *resolution)
{
        if (!clock_there(clock))
                return -EINVAL;
        if (resolution)
                time_split(1, resolution);
        return 0;
}

/* The zone is the one of all dates here. */
int64_t linux_gettimeofday(void *time, void *zone)
{
        struct timeval *to = time;
        if (to)
                *to = time_coarse(rt_date());
        if (zone)
                bytes_zero(zone, sizeof(struct timezone));
        return 0;
}

int64_t linux_time(int64_t *seconds)
{
        int64_t now = (int64_t)(rt_date() / RT_SECOND);
        if (seconds)
                *seconds = now;
        return now;
}

/* Until then, or -EINTR: a signal is there. */
static int64_t sleep_until(uint64_t deadline)
{
        struct thread *thread = thread_self();
        if (threads_alone()) {
                sys_sleep(deadline);
                return 0;
        }
        int64_t error = thread_event(thread);
        if (error)
                return error;
        state_lock();
        bool over = false;
        while (!over && !signals_deliverable(thread))
                over = !thread_wait(thread, WAKE_SIGNAL, deadline);
        state_unlock();
        return over ? 0 : -EINTR;
}

int64_t linux_clock_nanosleep(int clock, int flags, const void *time, void *left)
{
        uint64_t wait;
        if (clock < 0 || clock > CLOCK_TAI || clock == CLOCK_THREAD_CPUTIME_ID)
                return -EINVAL;
        if (clock == CLOCK_PROCESS_CPUTIME_ID || flags & ~TIMER_ABSTIME)
                return clock == CLOCK_PROCESS_CPUTIME_ID ? -ENOSYS : -EINVAL;
        int64_t error = time_join(time, &wait);
        if (error)
                return error;
        const uint64_t until = !(flags & TIMER_ABSTIME) ? rt_after(wait)
                               : is_date(clock)         ? time_of_date(wait)
                                                        : wait;
        error = sleep_until(until);
        uint64_t now = rt_now();
        if (error == -EINTR && left && !(flags & TIMER_ABSTIME))
                time_split(until > now ? until - now : 0, left);
        return error;
}
