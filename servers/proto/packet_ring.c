/* Both ends of the packet rings (packet_ring.h). What the other end has written is read once and
 * checked; positions and ownership are those of private memory. */
#include <string.h>
#include "servers/proto/packet_ring.h"

enum { AREA_GRANULE = 4096 };

/* Values of `asleep`. */
enum { AWAKE = 0, WAITS_FOR_FRAMES = 1, WAITS_FOR_BUFFERS_TOO = 2 };

static uint64_t slot_of(struct packet_descriptor d)
{
        uint64_t word;
        memcpy(&word, &d, sizeof word);
        return word;
}

static struct packet_descriptor descriptor_of(uint64_t word)
{
        struct packet_descriptor d;
        memcpy(&d, &word, sizeof d);
        return d;
}

static bool count_valid(uint32_t count)
{
        return count >= PACKET_BUFFERS_MIN && count <= PACKET_BUFFERS_MAX &&
               (count & (count - 1)) == 0;
}

static size_t pools_offset(uint32_t count)
{
        size_t slots = sizeof(struct packet_area) + PACKET_RINGS * count * sizeof(uint64_t);
        return (slots + AREA_GRANULE - 1) & ~(size_t)(AREA_GRANULE - 1);
}

size_t packet_area_bytes(uint32_t count)
{
        return count_valid(count) ? pools_offset(count) + 2 * (size_t)count * PACKET_BUFFER_SIZE
                                  : 0;
}

_Static_assert(2 * PACKET_BUFFERS_MAX < UINT32_MAX / PACKET_BUFFER_SIZE,
               "what lies before the pools is in no buffer");

/* Number of the buffer that holds the offset: the receive pool's come first. Beyond 2 * count: none
 * does. */
static uint32_t buffer_of(const struct packet_end *end, uint32_t offset)
{
        return (offset - end->pools) / PACKET_BUFFER_SIZE;
}

/* The other rings bring buffers back. */
static bool brings_frames(enum packet_ring_name ring)
{
        return ring == PACKET_RECEIVED || ring == PACKET_TRANSMIT;
}

/* The pool whose buffers an end owns at first. */
static uint32_t first_buffer(const struct packet_end *end)
{
        return end->side == PACKET_DRIVER ? 0 : end->count;
}

/* The ring by which the other end gives back what it was lent. */
static enum packet_ring_name return_ring(const struct packet_end *end)
{
        return end->side == PACKET_DRIVER ? PACKET_RECEIVE_FREE : PACKET_TRANSMITTED;
}

static void area_reset(struct packet_area *area)
{
        for (unsigned i = 0; i < 2; i++) {
                atomic_store(&area->side[i].asleep, 0);
                atomic_store(&area->side[i].no_carrier, 0);
        }
        for (unsigned i = 0; i < PACKET_RINGS; i++) {
                atomic_store(&area->ring[i].produced, 0);
                atomic_store(&area->ring[i].consumed, 0);
        }
}

bool packet_end_init(struct packet_end *end, void *area, uint32_t count, enum packet_side side)
{
        if (!count_valid(count))
                return false;
        memset(end, 0, sizeof *end);
        end->area = area;
        end->side = side;
        end->count = count;
        end->pools = (uint32_t)pools_offset(count);
        for (uint32_t i = 0; i < count; i++) {
                uint32_t buffer = first_buffer(end) + count - 1 - i;
                end->owned[buffer] = true;
                end->idle[end->idle_count++] = (uint16_t)buffer;
        }
        if (side == PACKET_DRIVER)
                area_reset(end->area);
        return true;
}

static _Atomic uint64_t *slot_at(const struct packet_end *end, unsigned ring, uint32_t position)
{
        return &end->area->slot[ring * end->count + (position & (end->count - 1))];
}

bool packet_push(struct packet_end *end, enum packet_ring_name ring, struct packet_descriptor d)
{
        uint32_t consumed =
            atomic_load_explicit(&end->area->ring[ring].consumed, memory_order_acquire);
        uint32_t position = end->position[ring];
        if (position - consumed >= end->count) {
                end->violations++;
                return false;
        }
        end->owned[buffer_of(end, d.offset)] = false;
        if (brings_frames(ring)) {
                end->lent++;
                end->frames_pushed = true;
        } else {
                end->buffers_pushed = true;
        }
        atomic_store_explicit(slot_at(end, ring, position), slot_of(d), memory_order_relaxed);
        end->position[ring] = position + 1;
        atomic_store_explicit(&end->area->ring[ring].produced, position + 1, memory_order_release);
        return true;
}

/* Whether a descriptor of the other end may be believed. Only rings with frames have lengths. */
static bool descriptor_fits(const struct packet_end *end, enum packet_ring_name ring,
                            struct packet_descriptor d)
{
        uint32_t first = ring <= PACKET_RECEIVE_FREE ? 0 : end->count; /* of the ring's pool */
        uint32_t buffer = buffer_of(end, d.offset);
        if (buffer - first >= end->count || end->owned[buffer])
                return false;
        if (!brings_frames(ring))
                return true;
        bool begins = !end->goes_on[ring];
        uint32_t rest = packet_buffer_rest(end, d.offset);
        bool behind_headroom = rest <= PACKET_BUFFER_SIZE - PACKET_HEADROOM;
        return (behind_headroom || ring == PACKET_RECEIVED || !begins) && d.length <= rest &&
               d.length >= (begins ? PACKET_FRAME_MIN : 1u);
}

bool packet_take_waiting(struct packet_end *end, enum packet_ring_name ring,
                         struct packet_descriptor *d)
{
        for (uint32_t count = packet_waiting(end, ring); count > 0; count--) {
                uint32_t position = end->position[ring];
                bool fits;
                *d = descriptor_of(
                    atomic_load_explicit(slot_at(end, ring, position), memory_order_relaxed));
                end->position[ring] = position + 1;
                atomic_store_explicit(&end->area->ring[ring].consumed, position + 1,
                                      memory_order_release);
                fits = descriptor_fits(end, ring, *d);
                if (fits) {
                        end->owned[buffer_of(end, d->offset)] = true;
                        end->lent -= !brings_frames(ring);
                        end->goes_on[ring] = brings_frames(ring) && d->flags & PACKET_MORE;
                        return true;
                }
                end->violations++;
        }
        return false;
}

bool packet_should_signal(struct packet_end *end)
{
        _Atomic uint32_t *asleep = &end->area->side[!end->side].asleep;
        bool frames = end->frames_pushed, buffers = end->buffers_pushed;
        end->frames_pushed = end->buffers_pushed = false;
        if (!frames && !buffers)
                return false;
        /* Also where the word is left as it is, it is exchanged: only so the sleeper's own exchange
         * comes either before this one or after the pushes. */
        if (!frames && atomic_fetch_or(asleep, 0) != WAITS_FOR_BUFFERS_TOO)
                return false;
        return atomic_exchange(asleep, AWAKE) != AWAKE;
}

bool packet_sleep(struct packet_end *end)
{
        unsigned frames = end->side == PACKET_DRIVER ? PACKET_TRANSMIT : PACKET_RECEIVED;
        bool few = packet_lacks_buffers(end);
        atomic_exchange(&end->area->side[end->side].asleep,
                        few ? WAITS_FOR_BUFFERS_TOO : WAITS_FOR_FRAMES);
        if (!packet_pending(end, frames) && !(few && packet_pending(end, return_ring(end))))
                return true;
        packet_awake(end);
        if (few)
                packet_reclaim(end);
        return false;
}

void packet_awake(struct packet_end *end)
{
        /* Not a plain store: every change of the word must continue the chain of exchanges. */
        atomic_exchange(&end->area->side[end->side].asleep, AWAKE);
}

void packet_carrier_set(struct packet_end *end, bool on)
{
        atomic_store_explicit(&end->area->side[end->side].no_carrier, !on, memory_order_relaxed);
}

void packet_reclaim(struct packet_end *end)
{
        struct packet_descriptor d;
        while (packet_take(end, return_ring(end), &d))
                packet_buffer_put(end, d.offset);
}

uint32_t packet_buffer_get(struct packet_end *end)
{
        if (end->idle_count == 0)
                packet_reclaim(end);
        if (end->idle_count == 0)
                return 0;
        return end->pools + end->idle[--end->idle_count] * (uint32_t)PACKET_BUFFER_SIZE;
}

void packet_buffer_put(struct packet_end *end, uint32_t offset)
{
        uint32_t buffer = buffer_of(end, offset);
        /* A full stack would mean that a buffer came back twice: a fault of the caller. */
        if (buffer < 2 * end->count && end->idle_count < end->count)
                end->idle[end->idle_count++] = (uint16_t)buffer;
}
