/* MSG: a fragment of a call, a send or an answer. Its content is message.h's; what a whole message
 * causes, calls.h's and served.h's. A fragment is repeated until it was acknowledged or its message
 * is over; the receiver tells by slot and sequence what it has. */
#include "netipc/core/calls.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/message.h"
#include "netipc/core/queues.h"
#include "netipc/core/served.h"
#include "netipc/core/session.h"

static uint32_t deadline_left(uint64_t deadline, uint64_t now)
{
        if (deadline == CORE_NEVER)
                return WIRE_NO_DEADLINE;
        uint64_t left = deadline > now ? (deadline - now) / MICROSECOND : 0;
        return left < WIRE_NO_DEADLINE - 1 ? (uint32_t)left : WIRE_NO_DEADLINE - 1;
}

static bool is_void(const struct outgoing *out)
{
        return out->header.flags & MSG_FLAG_VOID;
}

/* Appends the next fragment of a message that has one; false if it does not fit. */
static bool fragment_put(struct packet *packet, struct outgoing *out, uint16_t reference,
                         uint64_t now)
{
        core_assert(out->active && out->unsent);
        unsigned index = (unsigned)__builtin_ctzll(out->unsent);
        struct wire_msg header = out->header;
        header.offset = index * WIRE_FRAGMENT_SIZE;
        core_assert(header.offset <= header.total);
        uint32_t left = header.total - header.offset;
        header.fragment_length = (uint16_t)(left < WIRE_FRAGMENT_SIZE ? left : WIRE_FRAGMENT_SIZE);
        if (!packet_fits(packet, sizeof(header) + header.fragment_length))
                return false;
        if (header.fragment_length == left)
                header.flags |= MSG_FLAG_LAST;
        header.deadline = deadline_left(out->deadline, now);
        packet_append(packet, &header, sizeof(header));
        packet_append(packet, out->content + header.offset, header.fragment_length);
        packet_note(packet, (struct item){.type = FRAME_MSG,
                                          .fragment = (uint8_t)index,
                                          .is_void = is_void(out),
                                          .index = reference,
                                          .tag = (uint32_t)out->header.call});
        out->unsent &= ~(1ull << index);
        out->never_sent &= ~(1ull << index);
        return true;
}

bool msg_put(struct session *session, struct packet *packet, bool longest, uint64_t now)
{
        uint16_t reference = queue_first_message(session, longest);
        if (reference == NO_INDEX ||
            !fragment_put(packet, outgoing_at(session, reference), reference, now))
                return false;
        if (outgoing_at(session, reference)->header.total <= WIRE_FRAGMENT_SIZE)
                session->short_until = now + SHORT_BESIDE;
        queue_settle_message(session, reference);
        return true;
}

bool msg_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        bool reply = frame->msg.flags & MSG_FLAG_REPLY;
        int result =
            reply ? call_reply_frame(session, frame, now) : served_frame(session, frame, now);
        if (result == INCOMING_BAD)
                session_fail(session, "protocol error in a message");
        return result != INCOMING_RETRY;
}

/* The outgoing message that an item is part of, or NULL if it is over. */
static struct outgoing *outgoing_of(struct session *session, const struct item *item)
{
        struct outgoing *out = outgoing_at(session, item->index);
        bool same = out->active && (uint32_t)out->header.call == item->tag;
        return same && is_void(out) == item->is_void ? out : NULL;
}

void msg_acked(struct session *session, const struct item *item)
{
        struct outgoing *out = outgoing_of(session, item);
        if (!out || !outgoing_acked(session, out, item->fragment, item->index))
                return;
        if (item->index & REPLY_REF)
                served_acked(session, item->index & (uint16_t)~REPLY_REF);
        else
                call_acked(session, item->index);
}

void msg_lost(struct session *session, const struct item *item, bool refused)
{
        struct outgoing *out = outgoing_of(session, item);
        if (out)
                outgoing_lost(session, out, item->fragment, item->index, refused);
}
