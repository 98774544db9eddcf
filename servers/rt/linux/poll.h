/* Waiting until something that is open is ready: what poll, select and epoll share. */
#ifndef RT_LINUX_POLL_H
#define RT_LINUX_POLL_H

#include <stdint.h>

#include "servers/rt/linux/descriptors.h"

/* Looks at all that is asked about, and says how many are ready, or a negated errno. Context:
 * `files` and `state` (threads.h). */
typedef int64_t look_function(void *what, uint64_t count);

/* Looks until something is ready, the time has come (0), or a signal is there (-EINTR). set: the
 * signals that are blocked meanwhile; NULL: as ever. Context: no lock is held. */
int64_t look_until(look_function *look, void *what, uint64_t count, uint64_t deadline,
                   const void *set);

/* When a wait of so many milliseconds ends; negative: never. */
uint64_t look_deadline(int64_t milliseconds);

/* What poll(2) says of an open file: those of the wanted events, POLLHUP and POLLERR. Context: as
 * above. */
int open_file_ready(const struct open_file *open, int wanted);

/* epoll.c: the open file is gone. Context: `files`. */
void epoll_forget(const struct open_file *open);
void epoll_close(struct open_file *open);

#endif
