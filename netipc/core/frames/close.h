/* CLOSE on the wire: its sender has ended the session (PROTOCOL.md, Frames). */
#ifndef NETIPC_FRAMES_CLOSE_H
#define NETIPC_FRAMES_CLOSE_H

#include "netipc/core/numbers.h"

struct wire_close {
        uint8_t type; /* FRAME_CLOSE */
        uint8_t reserved;
        uint16_t reason; /* kernel/abi/errors.def */
};

#define WIRE_CLOSE_FIELDS(FIELD)                                                                   \
        FIELD(wire_close, reserved, 1, reserved)                                                   \
        FIELD(wire_close, reason, 2, reason)
WIRE_CLOSE_FIELDS(WIRE_AT)
WIRE_SIZE(wire_close, 4);

static inline enum wire_error close_check(const struct wire_close *close, const uint8_t *payload)
{
        (void)payload;
        return wire_reason_valid(close->reason) ? WIRE_OK : WIRE_BAD_RESERVED;
}

#endif
