/* The ring of bytes; see queue.h. */
#include "drivers/char/serial/queue.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

size_t queue_add(struct queue *queue, const void *bytes, size_t count)
{
        count = least(count, QUEUE_BYTES - queue_used(queue));
        size_t at = queue->put % QUEUE_BYTES, first = least(count, QUEUE_BYTES - at);
        memcpy(queue->bytes + at, bytes, first);
        memcpy(queue->bytes, (const uint8_t *)bytes + first, count - first);
        queue->put += count;
        return count;
}

size_t queue_peek(const struct queue *queue, void *bytes, size_t count)
{
        count = least(count, queue_used(queue));
        size_t at = queue->taken % QUEUE_BYTES, first = least(count, QUEUE_BYTES - at);
        memcpy(bytes, queue->bytes + at, first);
        memcpy((uint8_t *)bytes + first, queue->bytes, count - first);
        return count;
}

void queue_drop(struct queue *queue, size_t count)
{
        queue->taken += count;
}
