/* The last RING_BYTES bytes of an endless text, by running offset, so that a reader can tell what
 * it has missed. Pure. */
#ifndef LOG_RING_H
#define LOG_RING_H

#include <stddef.h>
#include <stdint.h>

enum { RING_BYTES = 256 << 10 };

/* All zero: empty. */
struct ring {
        uint64_t end; /* running offset of the next byte */
        char bytes[RING_BYTES];
};

void ring_add(struct ring *ring, const char *text, size_t length);

/* Copies at most `length` bytes from the running offset *offset on, which is moved up to the oldest
 * byte that is still there, or back to the end. Returns how many. */
size_t ring_read(const struct ring *ring, uint64_t *offset, char *to, size_t length);

#endif
