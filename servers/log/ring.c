/* The ring of text; see ring.h. */
#include "servers/log/ring.h"

#include "servers/rt/pure/ring.h"

void ring_add(struct ring *ring, const char *text, size_t length)
{
        size_t kept = least(length, RING_BYTES), missed = length - kept;
        ring_copy_in(ring->bytes, RING_BYTES, ring->end + missed, text + missed, kept);
        ring->end += length;
}

size_t ring_read(const struct ring *ring, uint64_t *offset, char *to, size_t length)
{
        uint64_t oldest = ring->end > RING_BYTES ? ring->end - RING_BYTES : 0;
        if (*offset < oldest)
                *offset = oldest;
        if (*offset > ring->end)
                *offset = ring->end;
        length = least(length, ring->end - *offset);
        ring_copy_out(ring->bytes, RING_BYTES, *offset, to, length);
        return length;
}
