/* Signals that are read as a file: signalfd(2). Those of a set that are pending for the thread that
 * reads, or for the process, and that nobody handles, since they are blocked.
 *
 * Context: no lock is held; who calls holds the open file (open_file_hold). */
#ifndef RT_LINUX_SIGNAL_FILE_H
#define RT_LINUX_SIGNAL_FILE_H

#include "servers/rt/linux/poll.h"

int64_t signal_file_read(const struct open_file *open, void *to, uint64_t bytes);

/* What poll(2) says of it. Context: `state`. */
struct readiness signal_file_ready(const struct open_file *open);

#endif
