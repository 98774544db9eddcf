/* Those who wait until a stream is ready, as poll(2) means it: each for some events, and, if they
 * have been told of these before, for a new edge.
 *
 *      events     POLLIN, POLLOUT, POLLERR, POLLHUP of <poll.h>
 *      progress   a number that another one follows whenever more can be read or written
 *
 * Who waits is a word of the caller's own (0: nobody), as in pipe.h. Pure. Context: one thread. */
#ifndef STREAM_WATCH_H
#define STREAM_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "servers/stream/pipe.h"

enum { WATCHES = 16 };

/* What a stream is ready for, and how far it has come. */
struct readiness {
        unsigned events;
        uint64_t progress;
};

struct watch {
        uint64_t who;
        unsigned wanted;
        uint64_t seen; /* the progress that is known already */
};

struct watches {
        struct watch list[WATCHES];
};

/* What can be done at an end of a pipe. */
struct readiness pipe_ready(const struct pipe *pipe, enum pipe_end end);

/* What of it is news to whoever wants these events and has seen that; 0: nothing. Errors and the
 * end are always wanted. */
unsigned ready_news(struct readiness now, unsigned wanted, uint64_t seen);

/* One more who waits. False: there are too many. */
bool watch_add(struct watches *watches, const struct watch *watch);

/* One for whom there are news, who waits no longer. 0: none. */
uint64_t watch_due(struct watches *watches, struct readiness now);

/* One who waits, for whatever, and no longer does. 0: nobody. */
uint64_t watch_any(struct watches *watches);

/* Who waits no longer waits. False: it did not. */
bool watch_forget(struct watches *watches, uint64_t who);

#endif
