/* BUSY on the wire: there was no room for all that a packet carried (PROTOCOL.md, Frames). */
#ifndef NETIPC_FRAMES_BUSY_H
#define NETIPC_FRAMES_BUSY_H

#include "netipc/core/numbers.h"

/* There was no room for all of what that packet carried: it is to come again, and was not lost. */
struct wire_busy {
        uint8_t type; /* FRAME_BUSY */
        uint8_t reserved[7];
        uint64_t number; /* of a packet that was sent: not 0 */
};

#define WIRE_BUSY_FIELDS(FIELD)                                                                    \
        FIELD(wire_busy, reserved, 1, reserved)                                                    \
        FIELD(wire_busy, number, 8, busy_number)
WIRE_BUSY_FIELDS(WIRE_AT)
WIRE_SIZE(wire_busy, 16);

static inline enum wire_error busy_check(const struct wire_busy *busy, const uint8_t *payload)
{
        (void)payload;
        return busy->number ? WIRE_OK : WIRE_BAD_RESERVED;
}

#endif
