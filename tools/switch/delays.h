/* The frames on their way: a bounded heap by the time at which each is due; frames due at the same
 * time come out in the order in which they went in. */
#ifndef SWITCH_DELAYS_H
#define SWITCH_DELAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DELAYS_MAX = 8192 };

struct delayed_frame {
        uint64_t due; /* ns */
        uint64_t sequence;
        unsigned from, to; /* ports */
        size_t length;
        uint8_t bytes[];
};

struct delays {
        struct delayed_frame *heap[DELAYS_MAX];
        size_t count;
        uint64_t sequence;
};

/* Copies a frame in. False if the queue is full or memory is used up. */
bool delays_add(struct delays *delays, unsigned from, unsigned to, uint64_t due,
                const uint8_t *bytes, size_t length);

/* Takes out the first frame that is due at `now`; NULL if none is. The caller frees it. */
struct delayed_frame *delays_take(struct delays *delays, uint64_t now);

/* When the first frame is due; UINT64_MAX if there is none. */
uint64_t delays_deadline(const struct delays *delays);

/* Frees all frames. */
void delays_clear(struct delays *delays);

#endif
