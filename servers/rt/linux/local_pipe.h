/* Pipes whose two ends are both in this process: a ring in its own memory. (Those between processes
 * are the stream server's: console.h.) Before another process can have an end, they are promoted to
 * such: their open files become streams, which what was in the ring has gone into.
 *
 * A pipe has a count of its open files at either end; with the last one it goes. Context: `state`
 * (threads.h) for all that is in it; who has an open file of it keeps it. */
#ifndef RT_LINUX_LOCAL_PIPE_H
#define RT_LINUX_LOCAL_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"

struct local_pipe;

/* What a pipe holds: no more than one of the stream server's (servers/stream/pipe.h). */
enum { LOCAL_PIPE_BYTES = 16320 };

/* A result of the layer's own: the pipe has been promoted, and the call is to be made again. */
enum { PROMOTED = 513 };

/* Promotes all. Not ok: the stream server gives no more; those that are left are as they were.
 * Context: `files`. */
outcome_t local_pipes_promote(void);

/* An open file of that end is gone. */
void local_pipe_close(struct local_pipe *pipe, bool writes);

/* A read or write follows. Context: `files`, under which the pipe was found. */
void local_pipe_use(struct local_pipe *pipe);

/* read(2) and write(2) of a pipe that is used; `waits`: not O_NONBLOCK. -PROMOTED: none of it is
 * done; a write may also end early because of that. Context: no lock is held. */
int64_t local_pipe_read(struct local_pipe *pipe, void *to, uint64_t count, bool waits);
int64_t local_pipe_write(struct local_pipe *pipe, const void *from, uint64_t count, bool waits);

/* What poll(2) says of an end: POLLIN, POLLOUT, POLLHUP, POLLERR. Context: `state`. */
int local_pipe_ready(const struct local_pipe *pipe, bool writes);

/* How many bytes there are to be read. Context: any. */
uint64_t local_pipe_available(const struct local_pipe *pipe);

/* A number that another one follows whenever more can be read, or written, or nobody has the other
 * end any more. Context: `state`. */
uint64_t local_pipe_progress(const struct local_pipe *pipe, bool writes);

#endif
