/* Timers that are read as files: timerfd_create(2). A read takes how often the time has come since
 * the last one, and waits while that is 0. Nothing runs for it: whoever waits knows until when.
 *
 * Context: `state` (threads.h) for the open file's `timer`; who calls holds the open file. */
#ifndef RT_LINUX_TIMER_FILE_H
#define RT_LINUX_TIMER_FILE_H

#include "servers/rt/linux/poll.h"

/* Context: no lock is held. */
int64_t timer_file_read(struct open_file *open, void *to, uint64_t bytes);

/* *due: becomes earlier, if the timer is the next one. */
struct readiness timer_file_ready(const struct open_file *open, uint64_t *due);

#endif
