/* What a program may ask and set of its scheduling: sched(7), getpriority(2), times(2),
 * membarrier(2). All threads
 * of a program share the processor in turn, with the priority that its starter gave: SCHED_OTHER
 * with a nice value of 0. What would change that is refused. */
#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/times.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/time.h"

enum {
        RESET_ON_FORK = 0x40000000, /* SCHED_RESET_ON_FORK: there is nothing to reset */
        DEADLINE_POLICY = 6,
        REALTIME_MOST = 99,
        NICE_ZERO = 20, /* as the kernel answers, for libc to make 0 of */
        TICKS = 100,    /* a second: sysconf(_SC_CLK_TCK) */
        SLICE_MS = 10
};

/* 0, or -ESRCH: it is none of this process's threads. */
static int64_t thread_check(int64_t id)
{
        if (id < 0)
                return -EINVAL;
        state_lock();
        bool known = !id || id == linux_getpid() || thread_numbered(id);
        state_unlock();
        return known ? 0 : -ESRCH;
}

/* By <linux/membarrier.h>. A node has one processor, which sees its own accesses in their order,
 * whichever thread makes them: nothing is left to be done. What would make other processors fetch
 * code again, or restart sequences (rseq), is not there. */
int64_t linux_membarrier(int command, unsigned flags)
{
        enum {
                QUERY = 0,
                GLOBAL = 1 << 0,
                GLOBAL_EXPEDITED = 1 << 1,
                REGISTER_GLOBAL = 1 << 2,
                PRIVATE_EXPEDITED = 1 << 3,
                REGISTER_PRIVATE = 1 << 4,
        };
        static bool registered;
        if (flags)
                return -EINVAL;
        switch (command) {
        case QUERY:
                return GLOBAL | GLOBAL_EXPEDITED | REGISTER_GLOBAL | PRIVATE_EXPEDITED |
                       REGISTER_PRIVATE;
        case REGISTER_PRIVATE:
                registered = true;
                return 0;
        case PRIVATE_EXPEDITED:
                return registered ? 0 : -EPERM;
        case GLOBAL:
        case GLOBAL_EXPEDITED:
        case REGISTER_GLOBAL:
                return 0;
        default:
                return -EINVAL;
        }
}

static bool is_realtime(int policy)
{
        return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_shared(int policy)
{
        return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

int64_t linux_sched_getscheduler(int64_t id)
{
        int64_t error = thread_check(id);
        return error ? error : SCHED_OTHER;
}

int64_t linux_sched_setscheduler(int64_t id, int flags, const int *priority)
{
        const int policy = flags & ~RESET_ON_FORK;
        int64_t error = priority ? thread_check(id) : -EINVAL;
        if (error)
                return error;
        if (is_realtime(policy) && *priority >= 1 && *priority <= REALTIME_MOST)
                return -EPERM;
        if (!is_shared(policy) || *priority != 0)
                return -EINVAL;
        return policy == SCHED_OTHER ? 0 : -EPERM;
}

int64_t linux_sched_getparam(int64_t id, int *priority)
{
        int64_t error = priority ? thread_check(id) : -EINVAL;
        if (!error)
                *priority = 0;
        return error;
}

int64_t linux_sched_setparam(int64_t id, const int *priority)
{
        int64_t error = priority ? thread_check(id) : -EINVAL;
        return error ? error : *priority ? -EINVAL : 0;
}

int64_t linux_sched_priority(int policy, bool most)
{
        if (is_realtime(policy))
                return most ? REALTIME_MOST : 1;
        return is_shared(policy) || policy == DEADLINE_POLICY ? 0 : -EINVAL;
}

int64_t linux_sched_interval(int64_t id, void *interval)
{
        int64_t error = thread_check(id);
        if (!error)
                time_split(SLICE_MS * RT_MILLISECOND, interval);
        return error;
}

/* There is one processor. */
int64_t linux_sched_getaffinity(int64_t id, uint64_t bytes, void *set)
{
        const uint64_t first = 1;
        int64_t error = thread_check(id);
        if (error)
                return error;
        if (bytes < sizeof first || bytes % sizeof first)
                return -EINVAL;
        bytes_copy(set, &first, sizeof first);
        return sizeof first;
}

int64_t linux_sched_setaffinity(int64_t id, uint64_t bytes, const void *set)
{
        int64_t error = thread_check(id);
        if (error)
                return error;
        return bytes && *(const uint8_t *)set & 1 ? 0 : -EINVAL;
}

int64_t linux_getcpu(unsigned *processor, unsigned *node)
{
        if (processor)
                *processor = 0;
        if (node)
                *node = 0;
        return 0;
}

static int64_t who_check(int which, int64_t who)
{
        if (which != PRIO_PROCESS && which != PRIO_PGRP && which != PRIO_USER)
                return -EINVAL;
        return which == PRIO_PROCESS ? thread_check(who) : who ? -ESRCH : 0;
}

int64_t linux_getpriority(int which, int64_t who)
{
        int64_t error = who_check(which, who);
        return error ? error : NICE_ZERO;
}

int64_t linux_setpriority(int which, int64_t who, int nice)
{
        int64_t error = who_check(which, who);
        return error ? error : nice < 0 ? -EACCES : nice > 0 ? -EPERM : 0;
}

static clock_t ticks_of(const struct timeval *time)
{
        return time->tv_sec * TICKS + time->tv_usec / (1000000 / TICKS);
}

int64_t linux_times(void *to)
{
        struct rusage own, children;
        linux_getrusage(RUSAGE_SELF, &own);
        linux_getrusage(RUSAGE_CHILDREN, &children);
        const struct tms times = {
            .tms_utime = ticks_of(&own.ru_utime),
            .tms_stime = ticks_of(&own.ru_stime),
            .tms_cutime = ticks_of(&children.ru_utime),
            .tms_cstime = ticks_of(&children.ru_stime),
        };
        if (to)
                bytes_copy(to, &times, sizeof times);
        return (int64_t)(rt_now() / (RT_SECOND / TICKS));
}
