/* CANCEL on the wire: the caller does not want a call any more (PROTOCOL.md, Frames). */
#ifndef NETIPC_FRAMES_CANCEL_H
#define NETIPC_FRAMES_CANCEL_H

#include "netipc/core/numbers.h"

struct wire_cancel {
        uint8_t type; /* FRAME_CANCEL */
        uint8_t reserved;
        uint16_t reason; /* REASON_CANCELLED or REASON_DEADLINE */
        uint32_t reserved2;
        uint64_t call;
};

#define WIRE_CANCEL_FIELDS(FIELD)                                                                  \
        FIELD(wire_cancel, reserved, 1, reserved)                                                  \
        FIELD(wire_cancel, reason, 2, reason)                                                      \
        FIELD(wire_cancel, reserved2, 4, reserved)                                                 \
        FIELD(wire_cancel, call, 8, call_id)
WIRE_CANCEL_FIELDS(WIRE_AT)
WIRE_SIZE(wire_cancel, 16);

static inline enum wire_error cancel_check(const struct wire_cancel *cancel, const uint8_t *payload)
{
        (void)payload;
        bool reason = cancel->reason == REASON_DEADLINE || cancel->reason == REASON_CANCELLED;
        return reason && wire_call_sequence(cancel->call) ? WIRE_OK : WIRE_BAD_RESERVED;
}

#endif
