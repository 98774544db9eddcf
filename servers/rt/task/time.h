/* Time: nanoseconds since the node's boot. Deadlines are absolute. */
#ifndef RT_TIME_H
#define RT_TIME_H

#include "servers/rt/message/syscall.h"

#define RT_MICROSECOND 1000ull
#define RT_MILLISECOND 1000000ull
#define RT_SECOND      1000000000ull

/* How long a call may take if its caller has no better idea. */
#define RT_DEFAULT_WAIT (5 * RT_SECOND)

/* Now, by the clock page: no system call where the TSC can be used. Never before a time that this
 * thread has had from anywhere on the node. */
uint64_t rt_now(void);

/* Now in ns since 1970, as far as the node's own clock was right when it booted; since its boot, if
 * it has none. The node counts on by itself, and nobody sets it. */
uint64_t rt_date(void);

/* rt_date() at the node's boot; 0: not known. */
uint64_t rt_boot_date(void);

/* For the first task, which has asked the clock: it is `date` now. */
void rt_date_set(uint64_t date);

/* The deadline `wait` ns from now; TIME_NEVER if that is beyond all time. */
static inline uint64_t rt_after(uint64_t wait)
{
        uint64_t now = rt_now();
        return wait > TIME_NEVER - now ? TIME_NEVER : now + wait;
}

/* The time that is so many intervals after another one; TIME_NEVER if that is beyond all time. */
static inline uint64_t rt_later(uint64_t time, uint64_t count, uint64_t interval)
{
        uint64_t length, later;
        return __builtin_mul_overflow(count, interval, &length) ||
                       __builtin_add_overflow(time, length, &later)
                   ? TIME_NEVER
                   : later;
}

/* The deadline of a call without special needs: RT_DEFAULT_WAIT from now. */
#define RT_DEADLINE rt_after(RT_DEFAULT_WAIT)

static inline uint64_t rt_earlier(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

#endif
