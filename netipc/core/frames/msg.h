/* MSG on the wire: a fragment of a call, a send or an answer (PROTOCOL.md, Frames). The fragment, a
 * run of granules of the content, follows. */
#ifndef NETIPC_FRAMES_MSG_H
#define NETIPC_FRAMES_MSG_H

#include "netipc/core/numbers.h"

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
        uint32_t offset;     /* of this fragment in the content: whole granules */
        uint32_t order;      /* number in the FIFO of this export, from 1; 0 is not ordered */
        uint32_t deadline;   /* microseconds that remain, or WIRE_NO_DEADLINE */
        uint64_t trace;
};

/* In the order in which the dissector shows them; the last list it shows in ways of its own. */
#define WIRE_MSG_FIELDS(FIELD)                                                                     \
        FIELD(wire_msg, fragment_length, 4, fragment_length)                                       \
        FIELD(wire_msg, words, 6, word_count)                                                      \
        FIELD(wire_msg, caps, 7, cap_count)                                                        \
        FIELD(wire_msg, user_flags, 14, user_flags)                                                \
        FIELD(wire_msg, export_id, 24, export_id)                                                  \
        FIELD(wire_msg, generation, 28, generation)                                                \
        FIELD(wire_msg, total, 32, total)                                                          \
        FIELD(wire_msg, offset, 36, offset)                                                        \
        FIELD(wire_msg, order, 40, order)                                                          \
        FIELD(wire_msg, trace, 48, trace)                                                          \
        FIELD(wire_msg, priority, 1, priority)
#define WIRE_MSG_METHOD_FIELDS(FIELD)                                                              \
        FIELD(wire_msg, interface, 10, interface_number)                                           \
        FIELD(wire_msg, method, 12, method_number)
#define WIRE_MSG_OTHER_FIELDS(FIELD)                                                               \
        FIELD(wire_msg, flags, 2, flags)                                                           \
        FIELD(wire_msg, outcome, 8, outcome_code)                                                  \
        FIELD(wire_msg, call, 16, call_id)                                                         \
        FIELD(wire_msg, deadline, 44, deadline)
WIRE_MSG_FIELDS(WIRE_AT)
WIRE_MSG_METHOD_FIELDS(WIRE_AT)
WIRE_MSG_OTHER_FIELDS(WIRE_AT)
WIRE_SIZE(wire_msg, 56);

static inline enum wire_error msg_flags_check(const struct wire_msg *msg)
{
        uint16_t flags = msg->flags;
        if (flags & ~MSG_FLAGS_ALL)
                return WIRE_BAD_FLAGS;
        if (flags & MSG_FLAG_REPLY && flags & (MSG_FLAG_ONEWAY | MSG_FLAG_VOID))
                return WIRE_BAD_FLAGS;
        if (flags & MSG_FLAG_REPLY && (msg->export_id || msg->generation || msg->order))
                return WIRE_BAD_FLAGS;
        if (!(flags & MSG_FLAG_REPLY) && (!msg->export_id || !msg->generation))
                return WIRE_BAD_FLAGS;
        if (msg->outcome && !(flags & (MSG_FLAG_REPLY | MSG_FLAG_ONEWAY)))
                return WIRE_BAD_FLAGS;
        if (!outcome_valid(msg->outcome))
                return WIRE_BAD_RESERVED;
        if (flags & MSG_FLAG_VOID && msg->total)
                return WIRE_BAD_FLAGS;
        bool last = (uint64_t)msg->offset + msg->fragment_length == msg->total;
        if (last != !!(flags & MSG_FLAG_LAST))
                return WIRE_BAD_FLAGS;
        /* Most are whole, and need no division. */
        bool granules = (last || msg->fragment_length % WIRE_GRANULE == 0) &&
                        (msg->offset == 0 || msg->offset % WIRE_GRANULE == 0);
        return granules ? WIRE_OK : WIRE_BAD_LENGTH;
}

static inline enum wire_error msg_check(const struct wire_msg *msg, const uint8_t *payload)
{
        (void)payload;
        if (msg->words > WIRE_WORDS_MAX || msg->caps > WIRE_CAPS_MAX)
                return WIRE_BAD_COUNT;
        if (wire_call_sequence(msg->call) == 0)
                return WIRE_BAD_RESERVED;
        if (msg->total > WIRE_CONTENT_MAX || msg->total < msg->words * 8u + msg->caps * 16u)
                return WIRE_BAD_LENGTH;
        if (msg->total - msg->words * 8u - msg->caps * 16u > WIRE_BYTES_MAX)
                return WIRE_BAD_LENGTH;
        if (msg->offset > msg->total || msg->fragment_length > msg->total - msg->offset)
                return WIRE_BAD_LENGTH;
        if (msg->fragment_length == 0 && msg->total != 0)
                return WIRE_BAD_LENGTH;
        return msg_flags_check(msg);
}

#endif
