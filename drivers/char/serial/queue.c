/* The ring of bytes; see queue.h. */
#include "drivers/char/serial/queue.h"

#include "servers/rt/pure/ring.h"

size_t queue_add(struct queue *queue, const void *bytes, size_t count)
{
        count = least(count, QUEUE_BYTES - queue_used(queue));
        ring_copy_in(queue->bytes, QUEUE_BYTES, queue->put, bytes, count);
        queue->put += count;
        return count;
}

size_t queue_peek(const struct queue *queue, void *bytes, size_t count)
{
        count = least(count, queue_used(queue));
        ring_copy_out(queue->bytes, QUEUE_BYTES, queue->taken, bytes, count);
        return count;
}

void queue_drop(struct queue *queue, size_t count)
{
        queue->taken += count;
}
