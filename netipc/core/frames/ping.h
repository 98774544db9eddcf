/* PING on the wire: are you there? (PROTOCOL.md, Frames). */
#ifndef NETIPC_FRAMES_PING_H
#define NETIPC_FRAMES_PING_H

#include "netipc/core/numbers.h"

struct wire_ping {
        uint8_t type; /* FRAME_PING */
        uint8_t reserved[3];
};

#define WIRE_PING_FIELDS(FIELD) FIELD(wire_ping, reserved, 1, reserved)
WIRE_PING_FIELDS(WIRE_AT)
WIRE_SIZE(wire_ping, 4);

/* It says nothing but its type. */
static inline enum wire_error ping_check(const struct wire_ping *ping, const uint8_t *payload)
{
        (void)ping;
        (void)payload;
        return WIRE_OK;
}

#endif
