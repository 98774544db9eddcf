/* PROBE on the wire: does the path take a packet of this size? (PROTOCOL.md, Frames). Padding
 * follows, of any value. */
#ifndef NETIPC_FRAMES_PROBE_H
#define NETIPC_FRAMES_PROBE_H

#include "netipc/core/numbers.h"

struct wire_probe {
        uint8_t type; /* FRAME_PROBE */
        uint8_t reserved;
        uint16_t padding; /* bytes */
};

#define WIRE_PROBE_FIELDS(FIELD)                                                                   \
        FIELD(wire_probe, reserved, 1, reserved)                                                   \
        FIELD(wire_probe, padding, 2, probe_padding)
WIRE_PROBE_FIELDS(WIRE_AT)
WIRE_SIZE(wire_probe, 4);

/* It says nothing but its size. */
static inline enum wire_error probe_check(const struct wire_probe *probe, const uint8_t *payload)
{
        (void)probe;
        (void)payload;
        return WIRE_OK;
}

#endif
