/* DEAD on the wire: a right died at its home (PROTOCOL.md, Frames). */
#ifndef NETIPC_FRAMES_DEAD_H
#define NETIPC_FRAMES_DEAD_H

#include "netipc/core/numbers.h"

struct wire_dead {
        uint8_t type; /* FRAME_DEAD */
        uint8_t reserved;
        uint16_t reason;
        uint32_t export_id;
        uint32_t generation;
};

#define WIRE_DEAD_FIELDS(FIELD)                                                                    \
        FIELD(wire_dead, reserved, 1, reserved)                                                    \
        FIELD(wire_dead, reason, 2, reason)                                                        \
        FIELD(wire_dead, export_id, 4, export_id)                                                  \
        FIELD(wire_dead, generation, 8, generation)
WIRE_DEAD_FIELDS(WIRE_AT)
WIRE_SIZE(wire_dead, 12);

static inline enum wire_error dead_check(const struct wire_dead *dead, const uint8_t *payload)
{
        (void)payload;
        bool named = dead->export_id != 0 && dead->generation != 0;
        return named && wire_reason_valid(dead->reason) ? WIRE_OK : WIRE_BAD_RESERVED;
}

#endif
