/* Bytes into a ring and out of it.
 *
 * A ring is an array of any size with counts that run on: byte number n lies at n % size. Its owner
 * keeps the counts, and says what is overwritten and what waits. What is copied may go round the
 * end of the array, once. */
#ifndef RT_RING_H
#define RT_RING_H

#include <stddef.h>
#include <stdint.h>

#include "servers/common/least.h"
#include "servers/rt/pure/bytes.h"

/* Puts `count` bytes, at most `size`, into the ring as those from number `at` on. */
static inline void ring_copy_in(void *ring, size_t size, uint64_t at, const void *from,
                                size_t count)
{
        size_t within = at % size, first = least(count, size - within);
        bytes_copy((uint8_t *)ring + within, from, first);
        bytes_copy(ring, (const uint8_t *)from + first, count - first);
}

/* Copies `count` bytes, at most `size`, from number `at` on out of the ring. */
static inline void ring_copy_out(const void *ring, size_t size, uint64_t at, void *to, size_t count)
{
        size_t within = at % size, first = least(count, size - within);
        bytes_copy(to, (const uint8_t *)ring + within, first);
        bytes_copy((uint8_t *)to + first, ring, count - first);
}

#endif
