/* Bytes that wait: a ring of fixed size. Pure. */
#ifndef SERIAL_QUEUE_H
#define SERIAL_QUEUE_H

#include <stddef.h>
#include <stdint.h>

enum { QUEUE_BYTES = 16384 };

/* All zero: empty. The counters run on; taken <= put <= taken + QUEUE_BYTES. */
struct queue {
        uint64_t taken, put;
        uint8_t bytes[QUEUE_BYTES];
};

static inline size_t queue_used(const struct queue *queue)
{
        return queue->put - queue->taken;
}

/* Adds as many of the bytes as there is room for; returns how many. */
size_t queue_add(struct queue *queue, const void *bytes, size_t count);

/* Copies at most `count` of the oldest bytes, without taking them; returns how many. */
size_t queue_peek(const struct queue *queue, void *bytes, size_t count);

/* Takes the `count` oldest bytes, which must be there. */
void queue_drop(struct queue *queue, size_t count);

#endif
