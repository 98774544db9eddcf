/* The bytes on the wire, and nothing about what they cause. netipc/PROTOCOL.md has the same layouts
 * with their meaning; numbers.h has bounds and numbers, frames/ a header for each frame type.
 *
 *      UDP payload = outer header (16) | hello body (88)        | trailer (16)     type HELLO
 *                  = outer header (16) | frames, back to back   | trailer (16)     type CLEAR
 *
 *      message     = words (8 each) | capability descriptors (16 each) | bytes
 *                    in granules (WIRE_GRANULE bytes, the last may have fewer), of which each MSG
 *                    frame has a run, the fragment, behind the header of the message
 *
 * All integers are little-endian. The structs below are the wire layout itself: no padding, each
 * field on its natural alignment inside the struct; a frame may start at any address, so they are
 * copied. Decoding is total: any byte string gives a value that obeys every bound named here, or an
 * error, and never reads outside of it. Used by the core, the dissector and the fuzzers alike. */
#ifndef NETIPC_WIRE_H
#define NETIPC_WIRE_H

#include "netipc/core/frames/ack.h"
#include "netipc/core/frames/busy.h"
#include "netipc/core/frames/cancel.h"
#include "netipc/core/frames/close.h"
#include "netipc/core/frames/dead.h"
#include "netipc/core/frames/msg.h"
#include "netipc/core/frames/ping.h"
#include "netipc/core/frames/probe.h"
#include "netipc/core/frames/release.h"
#include "netipc/core/numbers.h"

struct wire_outer {
        uint8_t version_type; /* version in the high nibble, enum wire_packet_type in the low one */
        uint8_t flags;        /* 0 */
        uint8_t key_phase;    /* 0 in clear packets */
        uint8_t link;         /* which of several links between two nodes: 0 */
        uint32_t receiver;    /* index the receiver gave in its hello; 0 in a hello */
        uint64_t number;      /* packet number, never used twice in a session; 0 in a hello */
};

struct wire_hello {
        uint16_t version;
        uint8_t kind; /* enum wire_hello_kind */
        uint8_t name_length;
        uint32_t
            sender_index; /* what the other is to put into wire_outer.receiver; 0 in a beacon */
        uint64_t cluster;
        uint64_t node;
        uint8_t epoch[16];
        uint64_t sender_nonce;   /* one for each attempt at a session; 0 in a beacon */
        uint64_t receiver_nonce; /* the other's nonce, given back; 0 in beacon and offer */
        uint16_t packet_size;    /* largest UDP payload that the sender takes */
        uint16_t credit;         /* packets that may be in flight to the sender */
        uint16_t calls;          /* call slots that the sender serves */
        uint16_t reserved;
        uint32_t exports;  /* export ids below this may be given to the sender */
        uint32_t features; /* 0; bits that the receiver does not know are ignored */
        char name[16];     /* a node's name (servers/common/name.h), padded with NUL */
};

struct wire_capability {
        uint8_t kind; /* enum wire_capability_kind */
        uint8_t reserved;
        uint16_t detail; /* NONE: the reason why there is none; else rights, carried */
        uint32_t export_id;
        uint32_t generation;
        uint32_t length; /* MEMORY: bytes of the snapshot; else 0 */
};

/* Of a packet in clear text. It finds damage, not malice. */
struct wire_trailer {
        uint32_t sum; /* CRC-32C (crc32c.h) of all before it */
        uint8_t zero[12];
};
WIRE_SIZE(wire_trailer, WIRE_TRAILER_SIZE);

#define WIRE_OUTER_FIELDS(FIELD)                                                                   \
        FIELD(wire_outer, version_type, 0, version)                                                \
        FIELD(wire_outer, version_type, 0, type)                                                   \
        FIELD(wire_outer, flags, 1, packet_flags)                                                  \
        FIELD(wire_outer, key_phase, 2, key_phase)                                                 \
        FIELD(wire_outer, link, 3, link)                                                           \
        FIELD(wire_outer, receiver, 4, receiver)                                                   \
        FIELD(wire_outer, number, 8, number)
WIRE_OUTER_FIELDS(WIRE_AT)
WIRE_SIZE(wire_outer, 16);

#define WIRE_HELLO_FIELDS(FIELD)                                                                   \
        FIELD(wire_hello, version, 0, hello_version)                                               \
        FIELD(wire_hello, kind, 2, hello_kind)                                                     \
        FIELD(wire_hello, name_length, 3, hello_name_length)                                       \
        FIELD(wire_hello, sender_index, 4, hello_sender_index)                                     \
        FIELD(wire_hello, cluster, 8, hello_cluster)                                               \
        FIELD(wire_hello, node, 16, hello_node)                                                    \
        FIELD(wire_hello, epoch, 24, hello_epoch)                                                  \
        FIELD(wire_hello, sender_nonce, 40, hello_sender_nonce)                                    \
        FIELD(wire_hello, receiver_nonce, 48, hello_receiver_nonce)                                \
        FIELD(wire_hello, packet_size, 56, hello_packet_size)                                      \
        FIELD(wire_hello, credit, 58, hello_credit)                                                \
        FIELD(wire_hello, calls, 60, hello_calls)                                                  \
        FIELD(wire_hello, reserved, 62, reserved)                                                  \
        FIELD(wire_hello, exports, 64, hello_exports)                                              \
        FIELD(wire_hello, features, 68, hello_features)                                            \
        FIELD(wire_hello, name, 72, hello_name)
WIRE_HELLO_FIELDS(WIRE_AT)
WIRE_SIZE(wire_hello, 88);

#define WIRE_CAPABILITY_FIELDS(FIELD)                                                              \
        FIELD(wire_capability, kind, 0, capability_kind)                                           \
        FIELD(wire_capability, reserved, 1, reserved)                                              \
        FIELD(wire_capability, detail, 2, capability_detail)                                       \
        FIELD(wire_capability, export_id, 4, export_id)                                            \
        FIELD(wire_capability, generation, 8, generation)                                          \
        FIELD(wire_capability, length, 12, capability_length)
WIRE_CAPABILITY_FIELDS(WIRE_AT)
WIRE_SIZE(wire_capability, 16);

enum {
        WIRE_HELLO_PACKET_SIZE =
            sizeof(struct wire_outer) + sizeof(struct wire_hello) + WIRE_TRAILER_SIZE,
        /* An ACK that shares its packet with messages: with four ranges. */
        WIRE_ACK_BESIDE = sizeof(struct wire_ack) + 4 * sizeof(struct wire_ack_range),
};
_Static_assert((int)WIRE_FRAMES_BASE >=
                   (int)sizeof(struct wire_msg) + WIRE_SHORT_BYTES + (int)WIRE_ACK_BESIDE,
               "a short message fits beside an acknowledgement");

/* Packets larger than the base have room for one frame with more granules, as many as IPv4 packets
 * of 9000 bytes hold: what lies between brings nothing. */
enum {
        WIRE_PACKET_REST = sizeof(struct wire_outer) + sizeof(struct wire_msg) + WIRE_TRAILER_SIZE,
        WIRE_PACKET_USUAL = 5,     /* granules of a packet that Ethernets take */
        WIRE_PACKET_GRANULES = 32, /* of one packet, at most */
        WIRE_PACKET_MAX = WIRE_PACKET_REST + WIRE_PACKET_GRANULES * WIRE_GRANULE,
        WIRE_FRAMES_MAX = WIRE_PACKET_MAX - sizeof(struct wire_outer) - WIRE_TRAILER_SIZE,
        /* UDP payload for which its receiver has one buffer; larger ones take several. */
        WIRE_PLACE = 1900,
        WIRE_PLACES_MAX = (WIRE_PACKET_MAX + WIRE_PLACE - 1) / WIRE_PLACE, /* of one packet */
};
_Static_assert((int)WIRE_PACKET_REST + WIRE_PACKET_USUAL * WIRE_GRANULE + (int)WIRE_IP_HEADERS <=
                   1500,
               "an MTU of 1500 takes it");
_Static_assert((int)WIRE_PACKET_MAX + (int)WIRE_IP_HEADERS <= 9000, "as large as Ethernets are");

/* UDP payload with room for so many granules in one frame, WIRE_SHORT to WIRE_PACKET_GRANULES. */
static inline size_t wire_packet_size(unsigned granules)
{
        return granules > WIRE_SHORT ? WIRE_PACKET_REST + granules * (size_t)WIRE_GRANULE
                                     : WIRE_PACKET_BASE;
}

/* How many places a UDP payload takes in its sender's window: one for each WIRE_PLACE bytes begun.
 */
static inline unsigned wire_packet_places(size_t size)
{
        return (unsigned)((size + WIRE_PLACE - 1) / WIRE_PLACE);
}

/* The most that a UDP payload of that many bytes, WIRE_PACKET_BASE or more, has room for. */
static inline unsigned wire_packet_granules(size_t size)
{
        size_t granules = (size - WIRE_PACKET_REST) / WIRE_GRANULE;
        return granules < WIRE_PACKET_GRANULES ? (unsigned)granules : WIRE_PACKET_GRANULES;
}

/* What may be under way beyond a peer's credit, in places: packets of frames that must not wait,
 * what of a large packet the window had not room for, and probes. Peers that have little credit
 * send no packet of more than one place. */
enum { WIRE_CREDIT_LARGE = 16, WIRE_RESERVE = 8, WIRE_PROBES = 3 };

static inline unsigned wire_reserve(unsigned credit)
{
        return credit < WIRE_CREDIT_LARGE ? credit / 4 : WIRE_RESERVE;
}

static inline size_t wire_packet_most(unsigned credit, size_t packet_size)
{
        return credit < WIRE_CREDIT_LARGE && packet_size > WIRE_PLACE ? (size_t)WIRE_PLACE
                                                                      : packet_size;
}

static inline unsigned wire_beyond(unsigned credit, size_t packet_size)
{
        size_t most = wire_packet_most(credit, packet_size);
        return wire_reserve(credit) + wire_packet_places(most) - 1 + WIRE_PROBES;
}

/* One decoded frame: its fixed part, and what follows (frames.def, payload), which lies in the
 * decoded bytes and is not aligned. */
struct wire_frame {
        union {
                uint8_t type; /* enum wire_frame_type */
#define FRAME(NAME, name, ...) struct wire_##name name;
#include "netipc/core/frames.def"
        };
        const uint8_t *payload;
        size_t payload_length;
};

static inline enum wire_packet_type wire_outer_type(const struct wire_outer *outer)
{
        return (enum wire_packet_type)(outer->version_type & 0x0f);
}

/* Whether two MSG frames of one call are fragments of the same message: whether all that a
 * message's fragments repeat is equal. */
bool wire_same_message(const struct wire_msg *a, const struct wire_msg *b);

/* The texts of frames.def, for logs and the dissector; "unknown" for a number not in the list. */
const char *wire_frame_name(unsigned type);
const char *wire_hello_name(unsigned kind);
const char *wire_capability_name(unsigned kind);
const char *wire_error_name(unsigned error);

/* Decodes the outer header of a packet of `length` bytes. Checks version, type and that a trailer
 * follows, not the trailer itself. */
enum wire_error wire_outer_decode(const void *packet, size_t length, struct wire_outer *outer);

/* WIRE_OK if the last 16 bytes are the trailer of all before them. */
enum wire_error wire_trailer_check(const void *packet, size_t length);

/* Writes the trailer behind `length` bytes; the buffer holds WIRE_TRAILER_SIZE more. */
void wire_trailer_write(void *packet, size_t length);

/* What lies between outer header and trailer of a packet that wire_outer_decode() took. */
static inline const uint8_t *wire_body(const void *packet)
{
        return (const uint8_t *)packet + sizeof(struct wire_outer);
}

static inline size_t wire_body_length(size_t packet_length)
{
        return packet_length - sizeof(struct wire_outer) - WIRE_TRAILER_SIZE;
}

/* Decodes a hello's body; `length` must be its size exactly. The name comes back NUL-terminated. */
enum wire_error wire_hello_decode(const void *body, size_t length, struct wire_hello *hello);

/* Decodes the frame at the start of `length` bytes (at least 1) and says in `*used` how many it
 * took. */
enum wire_error wire_frame_decode(const uint8_t *bytes, size_t length, struct wire_frame *frame,
                                  size_t *used);

/* Decodes one of a message's capability descriptors from 16 bytes. */
enum wire_error wire_capability_decode(const uint8_t *bytes, struct wire_capability *capability);

/* Whole hello packet into a buffer of WIRE_HELLO_PACKET_SIZE bytes. */
void wire_hello_packet(const struct wire_hello *hello, uint8_t packet[]);

/* Copies a frame's fixed part and returns the byte behind it. The caller has made sure of the
 * room. */
static inline uint8_t *wire_put(uint8_t *at, const void *frame, size_t size)
{
        memcpy(at, frame, size);
        return at + size;
}

#endif
