/* The ring of text; see ring.h. */
#include "servers/log/ring.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

void ring_add(struct ring *ring, const char *text, size_t length)
{
        while (length > 0) {
                size_t at = ring->end % RING_BYTES;
                size_t part = least(length, RING_BYTES - at);
                memcpy(ring->bytes + at, text, part);
                ring->end += part;
                text += part;
                length -= part;
        }
}

size_t ring_read(const struct ring *ring, uint64_t *offset, char *to, size_t length)
{
        uint64_t oldest = ring->end > RING_BYTES ? ring->end - RING_BYTES : 0;
        if (*offset < oldest)
                *offset = oldest;
        if (*offset > ring->end)
                *offset = ring->end;
        length = least(length, ring->end - *offset);
        size_t at = *offset % RING_BYTES;
        size_t part = least(length, RING_BYTES - at);
        memcpy(to, ring->bytes + at, part);
        memcpy(to + part, ring->bytes, length - part);
        return length;
}
