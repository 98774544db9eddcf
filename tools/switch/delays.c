/* A binary heap: heap[i] is due no later than heap[2i + 1] and heap[2i + 2]. */
#include "tools/switch/delays.h"

#include <stdlib.h>
#include <string.h>

static bool frame_before(const struct delayed_frame *a, const struct delayed_frame *b)
{
        return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static void heap_rise(struct delays *delays, struct delayed_frame *frame)
{
        size_t at = delays->count - 1;
        while (at > 0 && frame_before(frame, delays->heap[(at - 1) / 2])) {
                delays->heap[at] = delays->heap[(at - 1) / 2];
                at = (at - 1) / 2;
        }
        delays->heap[at] = frame;
}

static void heap_sink(struct delays *delays, struct delayed_frame *frame)
{
        size_t at = 0;
        for (;;) {
                size_t child = 2 * at + 1;
                if (child >= delays->count)
                        break;
                if (child + 1 < delays->count &&
                    frame_before(delays->heap[child + 1], delays->heap[child]))
                        child++;
                if (!frame_before(delays->heap[child], frame))
                        break;
                delays->heap[at] = delays->heap[child];
                at = child;
        }
        delays->heap[at] = frame;
}

bool delays_add(struct delays *delays, unsigned from, unsigned to, uint64_t due,
                const uint8_t *bytes, size_t length)
{
        if (delays->count == DELAYS_MAX)
                return false;
        struct delayed_frame *frame = malloc(sizeof *frame + length);
        if (!frame)
                return false;
        frame->due = due;
        frame->sequence = delays->sequence++;
        frame->from = from;
        frame->to = to;
        frame->length = length;
        memcpy(frame->bytes, bytes, length);
        delays->count++;
        heap_rise(delays, frame);
        return true;
}

struct delayed_frame *delays_take(struct delays *delays, uint64_t now)
{
        if (delays->count == 0 || delays->heap[0]->due > now)
                return NULL;
        struct delayed_frame *first = delays->heap[0];
        struct delayed_frame *last = delays->heap[--delays->count];
        if (delays->count > 0)
                heap_sink(delays, last);
        return first;
}

uint64_t delays_deadline(const struct delays *delays)
{
        return delays->count ? delays->heap[0]->due : UINT64_MAX;
}

void delays_clear(struct delays *delays)
{
        while (delays->count > 0)
                free(delays->heap[--delays->count]);
}
