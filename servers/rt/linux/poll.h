/* Waiting until something that is open is ready: what poll, select and epoll share (ready.c). */
#ifndef RT_LINUX_POLL_H
#define RT_LINUX_POLL_H

#include <stdint.h>

#include "servers/rt/linux/descriptors.h"

/* What an open file is ready for. */
struct readiness {
        int events;        /* POLLIN, POLLOUT, POLLERR, POLLHUP */
        uint64_t progress; /* another one whenever more can be read, or written: an edge */
};

#define SEEN_NOTHING UINT64_MAX /* no progress of anything */

/* To one stream's server, by one wait. */
struct question {
        struct open_file *open; /* held */
        handle_t call;          /* under way; 0: none */
        int wanted;             /* events */
        uint64_t seen;          /* progress that is no news; SEEN_NOTHING: any is */
        bool asked;
        uint64_t again; /* too many waited there: not before that time, ns */
        struct readiness answer;
};

enum { QUESTIONS_FEW = 32 }; /* of a wait that needs no memory of its own for them */

/* One wait, from its first look to its end. */
struct look_round {
        uint64_t due; /* when something becomes ready by itself, ns */
        bool waits;   /* the questions that are asked now are answered when there is something */
        bool full;    /* a stream has found no place: the look says nothing */
        unsigned count, places;
        struct question *questions; /* one of each stream */
        struct question few[QUESTIONS_FEW];
};

/* Looks at all that is asked about, and says how many are ready, or a negated errno. Context:
 * `files` and `state` (threads.h). */
typedef int64_t look_function(void *what, uint64_t count, struct look_round *round);

/* Looks until something is ready, the time has come (0), or a signal is there (-EINTR). set: the
 * signals that are blocked meanwhile; NULL: as ever. Context: no lock is held. */
int64_t look_until(look_function *look, void *what, uint64_t count, uint64_t deadline,
                   const void *set);

/* Bytes of a set of signals, as each call with one says them. */
enum { SIGNAL_SET_BYTES = 8 };

/* When a wait of so many milliseconds ends; negative: never. */
uint64_t look_deadline(int64_t milliseconds);

/* What poll(2) says of an open file: those of the wanted events, POLLHUP and POLLERR. seen: of a
 * stream, the progress that is known (SEEN_NOTHING: none). Context: as above. */
struct readiness open_file_ready(struct open_file *open, int wanted, uint64_t seen,
                                 struct look_round *round);

/* epoll.c: what an epoll is ready for: to be read, if anything in its list is to be told. Nothing
 * is told by that. Context: as above. */
struct readiness epoll_ready(const struct open_file *list, struct look_round *round);

/* What a stream of interface tty is ready for now; 0: the component's own. Context: no lock is
 * held. */
int stream_events(handle_t right);

/* One of an epoll's list, as it is handed to the next program (left.h). */
struct epoll_watch {
        int32_t file;
        uint32_t events;
        uint64_t data;
        uint64_t off; /* told, until it is changed */
};

enum { EPOLL_WATCHES = 120 };

/* epoll.c: what is in the list whose descriptors do not close with execve; how many. */
unsigned epoll_watches(const struct open_file *list, struct epoll_watch to[EPOLL_WATCHES]);

/* Makes an open file the epoll with that list. False: no memory. Context: `files`. */
bool epoll_begin(struct open_file *open, const struct epoll_watch *from, unsigned count);

/* epoll.c: the open file is gone. Context: `files`. */
void epoll_forget(const struct open_file *open);
void epoll_close(struct open_file *open);

#endif
