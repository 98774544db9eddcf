/* Waits by poll(2), or for a moment where that fails; see ready.h. */
#include "tools/lib/ready.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

static int64_t left(int64_t deadline)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t until = deadline - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
        return until > 0 ? until : 0;
}

void ready_wait(struct pollfd *set, size_t count, int64_t deadline)
{
        int64_t wait = deadline == INT64_MAX ? 0 : left(deadline);
        const struct timespec limit = {wait / 1000000000, wait % 1000000000};
        bool polled = ppoll(set, count, deadline == INT64_MAX ? NULL : &limit, NULL) >= 0;
        bool interrupted = !polled && errno == EINTR;
        if (!polled && !interrupted)
                poll(NULL, 0, READY_REST_MS);
        for (size_t i = 0; i < count && !polled; i++)
                set[i].revents = set[i].fd >= 0 && !interrupted ? set[i].events : 0;
}
