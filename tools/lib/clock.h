/* Time for deadlines: milliseconds of the monotonic clock. */
#ifndef TOOLS_CLOCK_H
#define TOOLS_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ms(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Milliseconds until the deadline, as poll(2) wants them: 0 if it has passed, at most one hour. */
static inline int clock_until(int64_t deadline)
{
        enum { HOUR = 3600 * 1000 };
        int64_t left = deadline - clock_ms();
        return left < 0 ? 0 : left > HOUR ? HOUR : (int)left;
}

#endif
