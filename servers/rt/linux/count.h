/* Counters that are read and written as files: eventfd(2). A read takes the count and waits while
 * it is 0, a write adds to it and waits while it would be too much.
 *
 * Context: no lock is held; who calls holds the open file (open_file_hold). */
#ifndef RT_LINUX_COUNT_H
#define RT_LINUX_COUNT_H

#include "servers/rt/linux/descriptors.h"

#define COUNT_MOST (UINT64_MAX - 1)

int64_t count_read(struct open_file *open, void *to, uint64_t bytes);
int64_t count_write(struct open_file *open, const void *from, uint64_t bytes);

#endif
