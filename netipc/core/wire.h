/* The bytes on the wire, and nothing about what they cause. netipc/PROTOCOL.md has the same layouts
 * with their meaning.
 *
 *      UDP payload = outer header (16) | hello body (88)        | trailer (16)     type HELLO
 *                  = outer header (16) | frames, back to back   | trailer (16)     type CLEAR
 *
 *      message     = words (8 each) | capability descriptors (16 each) | bytes
 *                    cut into MSG frames, each of which repeats the message's header
 *
 * All integers are little-endian. The structs below are the wire layout itself: no padding, each
 * field on its natural alignment inside the struct; a frame may start at any address, so they are
 * copied. Decoding is total: any byte string gives a value that obeys every bound named here, or an
 * error, and never reads outside of it. Used by the core, the dissector and the fuzzers alike. */
#ifndef NETIPC_WIRE_H
#define NETIPC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/name.h"

enum {
        WIRE_UDP_PORT = 7678, /* PORT on a telephone's keys */
        WIRE_VERSION = 1,
        WIRE_TRAILER_SIZE = 16,

        WIRE_IP_MTU = 1280, /* the smallest that IPv6 links carry; never probed below */
        WIRE_PACKET_MAX = WIRE_IP_MTU - 20 - 8, /* UDP payload: less IPv4's and UDP's headers */
        WIRE_FRAMES_MAX = WIRE_PACKET_MAX - 16 - WIRE_TRAILER_SIZE,

        WIRE_WORDS_MAX = 8,
        WIRE_CAPS_MAX = 8,
        WIRE_BYTES_MAX = 64 * 1024,
        WIRE_CONTENT_MAX = WIRE_WORDS_MAX * 8 + WIRE_CAPS_MAX * 16 + WIRE_BYTES_MAX,
        WIRE_FRAGMENTS_MAX = 64, /* of one message: a bit each in a 64-bit map */

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
#define FRAME(name, number, text) FRAME_##name = (number),
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
        uint16_t fragment_size;  /* content bytes in each fragment it sends but the last */
        uint32_t exports;        /* export ids below this may be given to the sender */
        uint32_t features;       /* 0; bits that the receiver does not know are ignored */
        char name[16];           /* a node's name (common/name.h), padded with NUL */
};

struct wire_msg {
        uint8_t type;     /* FRAME_MSG */
        uint8_t priority; /* at call time */
        uint16_t flags;   /* enum wire_msg_flag */
        uint16_t fragment_length;
        uint8_t words;
        uint8_t caps;
        uint16_t outcome; /* of an answer (kernel/abi/outcome.h); 0 in calls */
        uint16_t interface;
        uint16_t method;
        uint16_t user_flags; /* the flags of the message itself: carried for the application */
        uint64_t call;       /* slot in the upper 16 bits, its sequence number (from 1) below */
        uint32_t export_id;  /* 0 in replies */
        uint32_t generation; /* of the export; 0 in replies */
        uint32_t total;      /* bytes of content: words, descriptors and bytes together */
        uint32_t offset;     /* of this fragment in the content */
        uint32_t order;      /* number in the FIFO of this export, from 1; 0 is not ordered */
        uint32_t deadline;   /* microseconds that remain, or WIRE_NO_DEADLINE */
        uint64_t trace;
};

struct wire_capability {
        uint8_t kind; /* enum wire_capability_kind */
        uint8_t reserved;
        uint16_t detail; /* NONE: the reason why there is none; MEMORY: 0; else rights, carried */
        uint32_t export_id;
        uint32_t generation;
        uint32_t length; /* MEMORY: bytes of the snapshot, after the message's bytes; else 0 */
};

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

struct wire_cancel {
        uint8_t type; /* FRAME_CANCEL */
        uint8_t reserved;
        uint16_t reason; /* REASON_CANCELLED or REASON_DEADLINE */
        uint32_t reserved2;
        uint64_t call;
};

struct wire_release {
        uint8_t type; /* FRAME_RELEASE */
        uint8_t count;
        uint16_t reserved;
        uint32_t sequence; /* of the release frame, from 1: a frame counts once */
};

struct wire_release_entry {
        uint32_t export_id;
        uint32_t generation;
        uint32_t count; /* references given back: at least 1 */
};

struct wire_dead {
        uint8_t type; /* FRAME_DEAD */
        uint8_t reserved;
        uint16_t reason;
        uint32_t export_id;
        uint32_t generation;
};

struct wire_ping {
        uint8_t type; /* FRAME_PING */
        uint8_t reserved[3];
};

struct wire_close {
        uint8_t type; /* FRAME_CLOSE */
        uint8_t reserved;
        uint16_t reason; /* kernel/abi/errors.def */
};

/* There was no room for all of what that packet carried: it is to come again, and was not lost. */
struct wire_busy {
        uint8_t type; /* FRAME_BUSY */
        uint8_t reserved[7];
        uint64_t number; /* of a packet that was sent: not 0 */
};

#define WIRE_AT(type, field, offset)                                                               \
        _Static_assert(offsetof(struct type, field) == (offset), "PROTOCOL.md, Layouts")
#define WIRE_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), "PROTOCOL.md, Layouts")
WIRE_SIZE(wire_outer, 16);
WIRE_AT(wire_outer, receiver, 4);
WIRE_AT(wire_outer, number, 8);
WIRE_SIZE(wire_hello, 88);
WIRE_AT(wire_hello, sender_index, 4);
WIRE_AT(wire_hello, cluster, 8);
WIRE_AT(wire_hello, node, 16);
WIRE_AT(wire_hello, epoch, 24);
WIRE_AT(wire_hello, sender_nonce, 40);
WIRE_AT(wire_hello, receiver_nonce, 48);
WIRE_AT(wire_hello, packet_size, 56);
WIRE_AT(wire_hello, credit, 58);
WIRE_AT(wire_hello, calls, 60);
WIRE_AT(wire_hello, fragment_size, 62);
WIRE_AT(wire_hello, exports, 64);
WIRE_AT(wire_hello, features, 68);
WIRE_AT(wire_hello, name, 72);
WIRE_SIZE(wire_msg, 56);
WIRE_AT(wire_msg, flags, 2);
WIRE_AT(wire_msg, fragment_length, 4);
WIRE_AT(wire_msg, words, 6);
WIRE_AT(wire_msg, caps, 7);
WIRE_AT(wire_msg, outcome, 8);
WIRE_AT(wire_msg, interface, 10);
WIRE_AT(wire_msg, method, 12);
WIRE_AT(wire_msg, user_flags, 14);
WIRE_AT(wire_msg, call, 16);
WIRE_AT(wire_msg, export_id, 24);
WIRE_AT(wire_msg, generation, 28);
WIRE_AT(wire_msg, total, 32);
WIRE_AT(wire_msg, offset, 36);
WIRE_AT(wire_msg, order, 40);
WIRE_AT(wire_msg, deadline, 44);
WIRE_AT(wire_msg, trace, 48);
WIRE_SIZE(wire_capability, 16);
WIRE_AT(wire_capability, detail, 2);
WIRE_AT(wire_capability, export_id, 4);
WIRE_AT(wire_capability, generation, 8);
WIRE_AT(wire_capability, length, 12);
WIRE_SIZE(wire_ack, 24);
WIRE_AT(wire_ack, credit, 2);
WIRE_AT(wire_ack, delay, 4);
WIRE_AT(wire_ack, largest, 8);
WIRE_AT(wire_ack, first, 16);
WIRE_SIZE(wire_ack_range, 4);
WIRE_SIZE(wire_cancel, 16);
WIRE_AT(wire_cancel, reason, 2);
WIRE_AT(wire_cancel, call, 8);
WIRE_SIZE(wire_release, 8);
WIRE_AT(wire_release, sequence, 4);
WIRE_SIZE(wire_release_entry, 12);
WIRE_SIZE(wire_dead, 12);
WIRE_AT(wire_dead, reason, 2);
WIRE_AT(wire_dead, export_id, 4);
WIRE_AT(wire_dead, generation, 8);
WIRE_SIZE(wire_ping, 4);
WIRE_SIZE(wire_close, 4);
WIRE_AT(wire_close, reason, 2);
WIRE_SIZE(wire_busy, 16);
WIRE_AT(wire_busy, number, 8);
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the structs are the wire layout");

enum {
        WIRE_HELLO_PACKET_SIZE =
            sizeof(struct wire_outer) + sizeof(struct wire_hello) + WIRE_TRAILER_SIZE,
        /* What a node of this version sends: an ACK with four ranges still fits beside it. */
        WIRE_FRAGMENT_SIZE = WIRE_FRAMES_MAX - sizeof(struct wire_msg) - sizeof(struct wire_ack) -
                             4 * sizeof(struct wire_ack_range),
        /* Smaller ones could not carry the largest message in WIRE_FRAGMENTS_MAX fragments. */
        WIRE_FRAGMENT_SIZE_MIN = (WIRE_CONTENT_MAX + WIRE_FRAGMENTS_MAX - 1) / WIRE_FRAGMENTS_MAX,
};
_Static_assert((int)WIRE_FRAGMENT_SIZE >= (int)WIRE_FRAGMENT_SIZE_MIN, "a message fits its map");

/* One decoded frame. `payload` points into the decoded bytes, is not aligned, and holds: of a MSG
 * its fragment; of an ACK its ranges; of a RELEASE its entries. */
struct wire_frame {
        union {
                uint8_t type; /* enum wire_frame_type */
                struct wire_msg msg;
                struct wire_ack ack;
                struct wire_cancel cancel;
                struct wire_release release;
                struct wire_dead dead;
                struct wire_ping ping;
                struct wire_close close;
                struct wire_busy busy;
        };
        const uint8_t *payload;
        size_t payload_length;
};

static inline enum wire_packet_type wire_outer_type(const struct wire_outer *outer)
{
        return (enum wire_packet_type)(outer->version_type & 0x0f);
}

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

/* Whether two MSG frames of one call are fragments of the same message: whether all that a
 * message's fragments repeat is equal. */
bool wire_same_message(const struct wire_msg *a, const struct wire_msg *b);

/* Names of the list above, for logs and the dissector; "unknown" for a number not in the list. */
const char *wire_frame_name(unsigned type);
const char *wire_hello_name(unsigned kind);
const char *wire_capability_name(unsigned kind);
const char *wire_error_name(unsigned error);

/* Decodes the outer header of a packet of `length` bytes. Checks version, type and that a trailer
 * follows, not the trailer itself. */
enum wire_error wire_outer_decode(const void *packet, size_t length, struct wire_outer *outer);

/* WIRE_OK if the last 16 bytes are the unkeyed BLAKE2b-128 (RFC 7693) of all before them. */
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

/* What may stand as a reason in a frame. */
bool wire_reason_valid(unsigned reason);

/* Decodes the frame at the start of `length` bytes (at least 1) and says in `*used` how many it
 * took. */
enum wire_error wire_frame_decode(const uint8_t *bytes, size_t length, struct wire_frame *frame,
                                  size_t *used);

/* Range number `index` of an ACK frame, index < ack.range_count. */
struct wire_ack_range wire_ack_range_at(const struct wire_frame *frame, unsigned index);

/* Entry number `index` of a RELEASE frame, index < release.count. */
struct wire_release_entry wire_release_entry_at(const struct wire_frame *frame, unsigned index);

/* Decodes one of a message's capability descriptors from 16 bytes. */
enum wire_error wire_capability_decode(const uint8_t *bytes, struct wire_capability *capability);

/* Whole hello packet into a buffer of WIRE_HELLO_PACKET_SIZE bytes. */
void wire_hello_packet(const struct wire_hello *hello, uint8_t packet[]);

/* Copies a frame's fixed part and returns the byte behind it. The caller has made sure of the
 * room. */
uint8_t *wire_put(uint8_t *at, const void *frame, size_t size);

#endif
