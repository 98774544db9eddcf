/* The packet rings that a network driver and its client share: layout and rules.
 *
 * One memory object holds four single-producer single-consumer rings of descriptors and two pools
 * of buffers. A buffer always belongs to exactly one of the two ends; a descriptor pushed into a
 * ring hands it over.
 *
 *           driver                  client
 *             | ── RECEIVED ─────────> |   a frame that arrived   } the receive pool,
 *             | <───── RECEIVE_FREE ── |   its buffer, read       } the driver's at first
 *             |                        |
 *             | <───────── TRANSMIT ── |   a frame to send        } the transmit pool,
 *             | ── TRANSMITTED ──────> |   its buffer, sent       } the client's at first
 *
 * A frame that is longer than one buffer's room lies in several: their descriptors follow each
 * other in the ring, all but the last with PACKET_MORE.
 *
 * Each ring has as many slots as its pool has buffers, so between honest ends no ring is ever full.
 * Neither end trusts the other: an end keeps its own positions and the list of what it owns in
 * private memory, reads each descriptor once, and drops whatever does not fit (`violations`). A
 * hostile end can garble frames, as anybody on the wire can, and nothing else.
 *
 * Sleeping. An end that runs out of work calls packet_sleep() before it waits for its event; the
 * other one asks packet_should_signal() after a batch of pushes. Both exchange the same word, so
 * one of them comes first: either the sleeper sees the batch, or the pusher sees the sleeper. An
 * end that is awake is never signalled. One that sleeps is signalled for each batch of frames, and
 * for returned buffers only while more than half of its own pool is lent.
 *
 * Concurrency: each end is one thread. Functions take the end's private state and may be called
 * while the other end runs; they never block and make no system call. */
#ifndef PROTO_PACKET_RING_H
#define PROTO_PACKET_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        PACKET_BUFFER_SIZE = 2048, /* bytes; the buffers of a pool are contiguous */
        PACKET_HEADROOM = 64,      /* bytes at a buffer's start where no frame to send may begin */
        PACKET_BUFFERS_MIN = 2,
        PACKET_BUFFERS_MAX = 1024, /* in each pool; a power of two */
        PACKET_CACHE_LINE = 64,
        PACKET_FRAME_MIN = 14, /* bytes: an Ethernet header; no frame is shorter */
};

/* Where a driver puts a frame in its buffer: the IPv4 header behind the Ethernet header is then
 * aligned to 16 bytes. */
#define PACKET_FRAME_START (PACKET_HEADROOM + 2)

enum {
        PACKET_FRAME_MAX = 9014, /* bytes: 9000 behind an Ethernet header */
        PACKET_PIECE_MAX = PACKET_BUFFER_SIZE - PACKET_FRAME_START, /* … of it, in one buffer */
        PACKET_PIECES_MAX = (PACKET_FRAME_MAX + PACKET_PIECE_MAX - 1) / PACKET_PIECE_MAX,
};

enum packet_flag { PACKET_MORE = 1 << 0 /* the frame goes on in the ring's next descriptor */ };

enum packet_ring_name {
        PACKET_RECEIVED = 0,
        PACKET_RECEIVE_FREE = 1,
        PACKET_TRANSMIT = 2,
        PACKET_TRANSMITTED = 3,
        PACKET_RINGS = 4,
};

enum packet_side { PACKET_DRIVER = 0, PACKET_CLIENT = 1 };

struct packet_descriptor {
        uint32_t offset; /* bytes from the area's start; of a freed buffer: anywhere in it */
        uint16_t length; /* bytes of the frame, without its checksum, or of this piece of it */
        uint16_t flags;  /* enum packet_flag */
};

/* The beginning of the shared memory; slots and pools follow. Every word has one writer, but
 * `asleep` (both). Positions run freely and are taken modulo the number of slots. */
struct packet_area {
        struct {
                _Alignas(PACKET_CACHE_LINE) _Atomic uint32_t asleep;
                _Atomic uint32_t no_carrier; /* the driver's: its card has no link */
                _Atomic uint32_t expected;   /* the client's: number of an answer; 0: of none */
        } side[2];
        struct {
                _Alignas(PACKET_CACHE_LINE) _Atomic uint32_t produced;
                _Alignas(PACKET_CACHE_LINE) _Atomic uint32_t consumed;
        } ring[PACKET_RINGS];
        _Alignas(PACKET_CACHE_LINE) _Atomic uint64_t slot[]; /* ring 0's, ring 1's … */
};

_Static_assert(sizeof(struct packet_descriptor) == 8, "a slot is one atomic word");
_Static_assert(offsetof(struct packet_area, ring) == 128, "layout of the packet area");
_Static_assert(offsetof(struct packet_area, slot) == 640, "layout of the packet area");

/* One end's private state: nothing in here is visible to the other end. */
struct packet_end {
        struct packet_area *area;
        enum packet_side side;
        uint32_t count; /* buffers in each pool, slots in each ring */
        uint32_t pools; /* offset of the receive pool; the transmit pool follows it */
        uint32_t position[PACKET_RINGS];
        uint64_t violations; /* descriptors and positions of the other end that did not fit */
        uint32_t lent;       /* own buffers that the other end has */
        uint32_t expectations;
        bool goes_on[PACKET_RINGS];         /* the last descriptor taken had PACKET_MORE */
        bool frames_pushed, buffers_pushed; /* since packet_should_signal() */
        uint32_t idle_count;                /* own buffers that are in no ring and with no device */
        uint16_t idle[PACKET_BUFFERS_MAX];
        bool owned[2 * PACKET_BUFFERS_MAX];
};

/* Bytes of an area with `count` buffers in each pool, a multiple of 4096; 0 if count is not a power
 * of two between PACKET_BUFFERS_MIN and PACKET_BUFFERS_MAX. */
size_t packet_area_bytes(uint32_t count);

/* Sets up one end's state. `area` has packet_area_bytes(count) bytes. The driver's side also resets
 * the shared words, so it comes first, with no client mapped in. False: count is not allowed. */
bool packet_end_init(struct packet_end *end, void *area, uint32_t count, enum packet_side side);

/* Hands over a buffer that this end owns. False, and nothing happens, if the other end has let the
 * ring overflow (a violation of its own). The caller guarantees that the descriptor's buffer is its
 * own and that this end produces into that ring. */
bool packet_push(struct packet_end *end, enum packet_ring_name ring, struct packet_descriptor d);

/* Bytes from an offset in a pool to the end of its buffer. */
static inline uint32_t packet_buffer_rest(const struct packet_end *end, uint32_t offset)
{
        return PACKET_BUFFER_SIZE - (offset - end->pools) % PACKET_BUFFER_SIZE;
}

/* How many descriptors wait in a ring that this end consumes. A position that cannot be is taken
 * for "none". */
static inline uint32_t packet_waiting(const struct packet_end *end, enum packet_ring_name ring)
{
        uint32_t produced =
            atomic_load_explicit(&end->area->ring[ring].produced, memory_order_acquire);
        uint32_t count = produced - end->position[ring];
        return count <= end->count ? count : 0;
}

/* Whether packet_take() would find something to look at. */
static inline bool packet_pending(const struct packet_end *end, enum packet_ring_name ring)
{
        return packet_waiting(end, ring) > 0;
}

/* packet_take() where something waits. */
bool packet_take_waiting(struct packet_end *end, enum packet_ring_name ring,
                         struct packet_descriptor *d);

/* Takes the next descriptor of a ring that this end consumes; the buffer is then this end's. The
 * frame, or piece of one, is guaranteed to lie within one buffer of the right pool, and one to send
 * begins behind its headroom; its bytes may still be changed by the other end at any time. A frame
 * in pieces is as long as the other end likes. What does not fit is counted and skipped. False:
 * empty. */
static inline bool packet_take(struct packet_end *end, enum packet_ring_name ring,
                               struct packet_descriptor *d)
{
        return packet_pending(end, ring) && packet_take_waiting(end, ring, d);
}

/* Makes all buffers idle that the other end has returned. */
void packet_reclaim(struct packet_end *end);

/* After pushes: whether the other end sleeps and has to be signalled, which it then is told once.
 */
bool packet_should_signal(struct packet_end *end);

/* Whether more than half of this end's buffers are lent: one that sleeps then waits for them,
 * too. */
static inline bool packet_lacks_buffers(const struct packet_end *end)
{
        return end->lent > end->count / 2;
}

/* Announces that this end is about to wait. False: there is work, do not wait: frames, or buffers
 * that have come back when few were left (they are idle then). An end that has woken, for whatever
 * reason, calls packet_awake() before it takes anything. */
bool packet_sleep(struct packet_end *end);
void packet_awake(struct packet_end *end);

/* The driver says whether its card has a link, and signals the client when that changes; at first
 * it has. Frames that are under way are taken before it is looked at. */
void packet_carrier_set(struct packet_end *end, bool on);
static inline bool packet_carrier(const struct packet_end *end)
{
        return !atomic_load_explicit(&end->area->side[PACKET_DRIVER].no_carrier,
                                     memory_order_relaxed);
}

/* The client expects an answer to what it sends now, and soon; or none any more, for something has
 * come. The driver may poll for it (drivers/lib/halt_poll.h). */
static inline void packet_expect(struct packet_end *end)
{
        end->expectations += 1 + (end->expectations == UINT32_MAX);
        atomic_store_explicit(&end->area->side[PACKET_CLIENT].expected, end->expectations,
                              memory_order_relaxed);
}

static inline void packet_expect_none(struct packet_end *end)
{
        if (atomic_load_explicit(&end->area->side[PACKET_CLIENT].expected, memory_order_relaxed))
                atomic_store_explicit(&end->area->side[PACKET_CLIENT].expected, 0,
                                      memory_order_relaxed);
}

/* What the client expects: never twice the same number in a row; 0: nothing. */
static inline uint32_t packet_expected(const struct packet_area *area)
{
        return atomic_load_explicit(&area->side[PACKET_CLIENT].expected, memory_order_relaxed);
}

/* An idle buffer of this end's pool as the offset of its start, 0: none left. Takes back what the
 * other end has returned if it has to. */
uint32_t packet_buffer_get(struct packet_end *end);

/* Gives back a buffer of this end's pool that it owns and no ring holds; any offset within it. */
void packet_buffer_put(struct packet_end *end, uint32_t offset);

/* The address of an offset within the area. */
static inline void *packet_address(const struct packet_end *end, uint32_t offset)
{
        return (char *)end->area + offset;
}

#endif
