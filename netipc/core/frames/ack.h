/* ACK on the wire: which packets have come (PROTOCOL.md, Frames). Ranges follow, downwards, and may
 * not reach below number 0. */
#ifndef NETIPC_FRAMES_ACK_H
#define NETIPC_FRAMES_ACK_H

#include "netipc/core/numbers.h"

struct wire_ack {
        uint8_t type;        /* FRAME_ACK */
        uint8_t range_count; /* of the wire_ack_range that follow */
        uint16_t credit;     /* packets that may be in flight to the sender of this */
        uint32_t delay;      /* microseconds from the arrival of `largest` to this frame */
        uint64_t largest;
        uint32_t first; /* packets received without a gap up to and with `largest`: at least 1 */
        uint32_t reserved;
};

struct wire_ack_range {
        uint16_t gap;    /* packets missing below the range before: at least 1 */
        uint16_t length; /* packets received below the gap: at least 1 */
};

#define WIRE_ACK_FIELDS(FIELD)                                                                     \
        FIELD(wire_ack, range_count, 1, ack_range_count)                                           \
        FIELD(wire_ack, credit, 2, ack_credit)                                                     \
        FIELD(wire_ack, delay, 4, ack_delay)                                                       \
        FIELD(wire_ack, largest, 8, ack_largest)                                                   \
        FIELD(wire_ack, first, 16, ack_first)                                                      \
        FIELD(wire_ack, reserved, 20, reserved)
WIRE_ACK_FIELDS(WIRE_AT)
WIRE_SIZE(wire_ack, 24);
WIRE_SIZE(wire_ack_range, 4);

/* Range number `index` of the payload, index < range_count. */
static inline struct wire_ack_range wire_ack_range_at(const uint8_t *payload, unsigned index)
{
        struct wire_ack_range range;
        memcpy(&range, payload + index * sizeof(range), sizeof(range));
        return range;
}

static inline enum wire_error ack_check(const struct wire_ack *ack, const uint8_t *payload)
{
        if (ack->range_count > WIRE_ACK_RANGES_MAX)
                return WIRE_BAD_COUNT;
        if (ack->first == 0 || ack->first - 1 > ack->largest)
                return WIRE_BAD_LENGTH;
        uint64_t left = ack->largest - (ack->first - 1); /* lowest number covered so far */
        for (unsigned i = 0; i < ack->range_count; i++) {
                struct wire_ack_range range = wire_ack_range_at(payload, i);
                uint64_t down = (uint64_t)range.gap + range.length;
                if (range.gap == 0 || range.length == 0 || down > left)
                        return WIRE_BAD_LENGTH;
                left -= down;
        }
        return WIRE_OK;
}

#endif
