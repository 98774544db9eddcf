/* The numbers of the wire: bounds, and the names that frames.def gives. The layouts are in wire.h
 * and, a file for each frame type, in frames/. Depends on nothing else here. */
#ifndef NETIPC_NUMBERS_H
#define NETIPC_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernel/abi/outcome.h"
#include "servers/common/name.h"

enum {
        WIRE_UDP_PORT = 7678, /* PORT on a telephone's keys */
        WIRE_VERSION = 2,
        WIRE_TRAILER_SIZE = 16,

        WIRE_IP_HEADERS = 20 + 8, /* IPv4's and UDP's */
        WIRE_IP_MTU = 1280,       /* the smallest that IPv6 links carry; never probed below */
        WIRE_PACKET_BASE = WIRE_IP_MTU - WIRE_IP_HEADERS, /* UDP payload that any path takes */
        WIRE_FRAMES_BASE = WIRE_PACKET_BASE - 16 - WIRE_TRAILER_SIZE,

        WIRE_WORDS_MAX = 8,
        WIRE_CAPS_MAX = 8,
        WIRE_BYTES_MAX = 64 * 1024,
        WIRE_CONTENT_MAX = WIRE_WORDS_MAX * 8 + WIRE_CAPS_MAX * 16 + WIRE_BYTES_MAX,

        /* Content goes in granules: five fill a packet of an IPv4 MTU of 1500, four one of 1280
         * with an ACK beside them. */
        WIRE_GRANULE = 276,
        WIRE_GRANULES_MAX =
            (WIRE_CONTENT_MAX + WIRE_GRANULE - 1) / WIRE_GRANULE, /* of one message */
        WIRE_SHORT = 4, /* … that any packet takes, in one frame */
        WIRE_SHORT_BYTES = WIRE_SHORT * WIRE_GRANULE,

        WIRE_ACK_RANGES_MAX = 32,
        WIRE_RELEASE_MAX = 16,
        WIRE_NAME_MAX = NODE_NAME_LONGEST,
        WIRE_ROOT_EXPORT = 1, /* each node's well-known export, generation WIRE_ROOT_GENERATION */
        WIRE_ROOT_GENERATION = 1,
};

#define WIRE_NO_DEADLINE UINT32_MAX

enum wire_packet_type {
#define PACKET(name, number, text) PACKET_##name = (number),
#include "netipc/core/frames.def"
};

enum wire_frame_type {
#define FRAME(NAME, name, number, ...) FRAME_##NAME = (number),
#include "netipc/core/frames.def"
};

enum wire_hello_kind {
#define HELLO(name, number, text) HELLO_##name = (number),
#include "netipc/core/frames.def"
};

enum wire_capability_kind {
#define CAPABILITY(name, number, text) CAPABILITY_##name = (number),
#include "netipc/core/frames.def"
};

enum wire_msg_flag {
#define MSG_FLAG(name, bit, text) MSG_FLAG_##name = 1 << (bit),
#include "netipc/core/frames.def"
        MSG_FLAGS_ALL = 0x3f,
};

enum wire_error {
        WIRE_OK = 0,
#define WIRE_ERROR(name, number, text) WIRE_BAD_##name = (number),
#include "netipc/core/frames.def"
};

/* A layout is a struct and a list of its fields: FIELD(struct, member, offset, shown), where
 * `shown` is what the dissector calls it (tools/wireshark/fields.def). */
#define WIRE_AT(type, field, offset, shown)                                                        \
        _Static_assert(offsetof(struct type, field) == (offset), "PROTOCOL.md, Layouts");
#define WIRE_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), "PROTOCOL.md, Layouts")

static inline unsigned wire_call_slot(uint64_t call)
{
        return (unsigned)(call >> 48);
}

static inline uint64_t wire_call_sequence(uint64_t call)
{
        return call & 0xffffffffffff;
}

static inline uint64_t wire_call_id(unsigned slot, uint64_t sequence)
{
        return (uint64_t)slot << 48 | (sequence & 0xffffffffffff);
}

/* What may stand as a reason in a frame. */
static inline bool wire_reason_valid(unsigned reason)
{
        return reason > 0 && reason < 32;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the structs are the wire layout");

#endif
