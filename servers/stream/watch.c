/* What a pipe is ready for, and the list of those who wait; see watch.h. */
#include "servers/stream/watch.h"

#include <assert.h>
#include <poll.h>

enum { ALWAYS = POLLERR | POLLHUP };

struct readiness pipe_ready(const struct pipe *pipe, enum pipe_end end)
{
        const bool there = pipe->put != pipe->taken, other = pipe->open[end ^ 1];
        struct readiness now = {0, pipe->taken + !other};
        assert(pipe->ring);
        if (end == PIPE_READ) {
                now.events = (there ? POLLIN : 0) | (other ? 0 : POLLHUP);
                now.progress = pipe->put + !other;
        } else {
                const bool room = pipe_room(pipe) >= PIPE_ATOMIC;
                now.events = (room ? POLLOUT : 0) | (other ? 0 : POLLERR);
        }
        return now;
}

unsigned ready_news(struct readiness now, unsigned wanted, uint64_t seen)
{
        return now.progress == seen ? 0 : now.events & (wanted | ALWAYS);
}

bool watch_add(struct watches *watches, const struct watch *watch)
{
        assert(watch->who);
        for (unsigned i = 0; i < WATCHES; i++) {
                if (watches->list[i].who)
                        continue;
                watches->list[i] = *watch;
                return true;
        }
        return false;
}

uint64_t watch_due(struct watches *watches, struct readiness now)
{
        for (unsigned i = 0; i < WATCHES; i++) {
                const struct watch watch = watches->list[i];
                if (!watch.who || !ready_news(now, watch.wanted, watch.seen))
                        continue;
                watches->list[i].who = 0;
                return watch.who;
        }
        return 0;
}

uint64_t watch_any(struct watches *watches)
{
        for (unsigned i = 0; i < WATCHES; i++) {
                const uint64_t who = watches->list[i].who;
                watches->list[i].who = 0;
                if (who)
                        return who;
        }
        return 0;
}

bool watch_forget(struct watches *watches, uint64_t who)
{
        for (unsigned i = 0; i < WATCHES; i++)
                if (watches->list[i].who == who) {
                        watches->list[i].who = 0;
                        return true;
                }
        return false;
}
