/* Pipes whose two ends are both in this process, since it can start no other: a ring in its own
 * memory. (Those between processes are the stream server's: console.h.)
 *
 * A pipe has a count of its open files at either end; with the last one it goes. Context: `state`
 * (threads.h) for all that is in it; who has an open file of it keeps it. */
#ifndef RT_LINUX_LOCAL_PIPE_H
#define RT_LINUX_LOCAL_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct local_pipe;

/* An open file of that end is gone. */
void local_pipe_close(struct local_pipe *pipe, bool writes);

/* read(2) and write(2) of a pipe; `waits`: not O_NONBLOCK. Context: no lock is held. */
int64_t local_pipe_read(struct local_pipe *pipe, void *to, uint64_t count, bool waits);
int64_t local_pipe_write(struct local_pipe *pipe, const void *from, uint64_t count, bool waits);

/* What poll(2) says of an end: POLLIN, POLLOUT, POLLHUP, POLLERR. Context: `state`. */
int local_pipe_ready(const struct local_pipe *pipe, bool writes);

/* A number that another one follows whenever more can be read, or written, or nobody has the other
 * end any more. Context: `state`. */
uint64_t local_pipe_progress(const struct local_pipe *pipe, bool writes);

#endif
