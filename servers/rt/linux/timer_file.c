/* See timer_file.h. Who waits does so at the open file's address, as at a futex. All clocks are the
 * one that counts from the node's boot, which is never set: TFD_TIMER_CANCEL_ON_SET cancels
 * nothing, and a date is a time of that clock. */
#include "servers/rt/linux/timer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>

#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"

enum { TIMER_FLAGS = O_NONBLOCK | O_CLOEXEC, SET_ABSOLUTE = 1, SET_CANCEL = 2 };

/* How often the time has come that nobody has read yet. */
static uint64_t expired(const struct timer *timer, uint64_t now)
{
        if (!timer->due || now < timer->due)
                return 0;
        return 1 + (timer->interval ? (now - timer->due) / timer->interval : 0);
}

static void pass(struct timer *timer, uint64_t count)
{
        timer->passed += count;
        timer->due = timer->interval ? rt_later(timer->due, count, timer->interval) : 0;
}

int64_t timer_file_read(struct open_file *open, void *to, uint64_t bytes)
{
        struct timer *timer = &open->timer;
        int64_t error = 0;
        uint64_t count;
        if (bytes < sizeof count)
                return -EINVAL;
        state_lock();
        while (!(count = expired(timer, rt_now())) && !error) {
                if (open->flags & O_NONBLOCK)
                        error = -EAGAIN;
                else
                        error =
                            futex_wait_here((uint64_t)open, timer->due ? timer->due : TIME_NEVER);
                if (error == -ETIMEDOUT)
                        error = 0;
        }
        if (count)
                pass(timer, count);
        state_unlock();
        if (!count)
                return error == -EINTR ? -RESTART : error;
        bytes_copy(to, &count, sizeof count);
        return sizeof count;
}

struct readiness timer_file_ready(const struct open_file *open, uint64_t *due)
{
        const struct timer *timer = &open->timer;
        const uint64_t count = expired(timer, rt_now());
        const uint64_t next = rt_later(timer->due, count, timer->interval);
        if (timer->due && (!count || timer->interval) && next < *due)
                *due = next;
        return (struct readiness){count ? POLLIN : 0, timer->passed + (count > 0)};
}

/* ---- the calls ------------------------------------------------------------------------------- */

int64_t linux_timerfd_create(int clock, int flags)
{
        struct open_file *open;
        if (flags & ~TIMER_FLAGS ||
            (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME &&
             clock != CLOCK_REALTIME_ALARM && clock != CLOCK_BOOTTIME_ALARM))
                return -EINVAL;
        int64_t descriptor = open_file_new(OPEN_TIMER, &open);
        if (descriptor < 0)
                return descriptor;
        open->flags = O_RDWR | (flags & O_NONBLOCK);
        open->timer.dated = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
        descriptor_close_on_exec((int)descriptor, flags & O_CLOEXEC);
        return descriptor;
}

/* What is left until the next time, and the interval. Context: `state`. */
static void timer_tell(const struct timer *timer, struct itimerspec *to)
{
        const uint64_t now = rt_now();
        const uint64_t next = rt_later(timer->due, expired(timer, now), timer->interval);
        time_split(timer->due && next > now ? next - now : 0, &to->it_value);
        time_split(timer->interval, &to->it_interval);
}

static int64_t timer_of(int file, struct open_file **open)
{
        *open = open_file_of(file);
        if (!*open)
                return -EBADF;
        return (*open)->kind == OPEN_TIMER ? 0 : -EINVAL;
}

int64_t linux_timerfd_settime(int file, int flags, const void *from, void *old)
{
        struct open_file *open;
        struct itimerspec set, before;
        uint64_t due, interval;
        int64_t error = timer_of(file, &open);
        if (!error && flags & ~(SET_ABSOLUTE | SET_CANCEL))
                error = -EINVAL;
        bytes_copy(&set, from, sizeof set);
        if (!error)
                error = time_join(&set.it_interval, &interval);
        if (!error)
                error = time_join(&set.it_value, &due);
        if (error)
                return error;
        state_lock();
        timer_tell(&open->timer, &before);
        if (due && !(flags & SET_ABSOLUTE))
                due = rt_after(due);
        else if (due && open->timer.dated)
                due = time_of_date(due) + !time_of_date(due); /* long past: at once, and set */
        open->timer = (struct timer){due, interval, open->timer.passed, open->timer.dated};
        futex_changed(open);
        state_unlock();
        if (old)
                bytes_copy(old, &before, sizeof before);
        return 0;
}

int64_t linux_timerfd_gettime(int file, void *to)
{
        struct open_file *open;
        struct itimerspec now;
        int64_t error = timer_of(file, &open);
        if (error)
                return error;
        state_lock();
        timer_tell(&open->timer, &now);
        state_unlock();
        bytes_copy(to, &now, sizeof now);
        return 0;
}
