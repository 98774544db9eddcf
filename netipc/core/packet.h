/* Packets on their way out: what goes into one, in which order, and when.
 *
 *      outer header | BUSY, ACK | CANCEL, DEAD | messages, or a fragment | RELEASE
 *                   | BUSY, ACK | PING
 *                   | PROBE
 *
 * A packet is built as long as something waits and window and credit let it go; control frames may
 * go beyond the window a little, and what was received is acknowledged whatever the window says. */
#ifndef NETIPC_PACKET_H
#define NETIPC_PACKET_H

#include "netipc/core/state.h"

enum {
        TURNS = 8,            /* each so many-th packet begins with what has most left */
        READY_SHORT = 1 << 0, /* of ready_map: something has one packet left */
};

/* For how long a short message has others leave it room. */
#define SHORT_BESIDE (50 * MILLISECOND)

/* A packet being built. */
struct packet {
        size_t most; /* bytes, with outer header and trailer (path.h) */
        size_t used; /* … with the outer header */
        unsigned items;
        bool eliciting; /* it is to be acknowledged */
        struct item item[SENT_ITEMS];
        uint8_t bytes[WIRE_PACKET_MAX];
};

static inline size_t packet_room(const struct packet *packet)
{
        return packet->most - WIRE_TRAILER_SIZE - packet->used;
}

/* Whether a frame of `size` bytes that an item stands for finds its place. */
static inline bool packet_fits(const struct packet *packet, size_t size)
{
        return packet->items < SENT_ITEMS && packet_room(packet) >= size;
}

static inline uint8_t *packet_end(struct packet *packet)
{
        return packet->bytes + packet->used;
}

/* Appends bytes for which there is room. */
static inline void packet_append(struct packet *packet, const void *bytes, size_t size)
{
        core_assert(packet->used >= sizeof(struct wire_outer) && size <= packet_room(packet));
        wire_put(packet_end(packet), bytes, size);
        packet->used += size;
}

/* Notes what was appended as a frame that is sent again if the packet is lost. */
static inline void packet_note(struct packet *packet, struct item item)
{
        core_assert(packet->items < SENT_ITEMS && item.type);
        packet->item[packet->items++] = item;
        packet->eliciting = true;
}

/* Transmits what waits in a session, within window and credit. */
void packets_flush(struct session *session, uint64_t now);

/* Transmits one CLOSE frame, at most once in a session's life, unacknowledged. */
void packet_close(struct session *session, enum reason reason, uint64_t now);

#endif
