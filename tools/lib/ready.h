/* poll(2) for a loop that must not spin where poll itself fails. It does so, at once, where the set
 * is larger than the number of descriptors that the process may have, which can be lowered at any
 * time (prlimit), or where the kernel has no memory. */
#ifndef TOOLS_READY_H
#define TOOLS_READY_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { READY_REST_MS = 50 };

/* Waits until a descriptor of the set is ready, or until the deadline in ns of the monotonic clock
 * (INT64_MAX: none). Where poll fails it rests instead and takes all of them for ready: so whatever
 * is done then must not block. A signal ends it with nothing ready. */
void ready_wait(struct pollfd *set, size_t count, int64_t deadline);

#endif
