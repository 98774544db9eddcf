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

/* Appends a fragment of a message that has something to send; false if it does not fit. */
static bool fragment_put(struct packet *packet, struct outgoing *out, uint16_t reference,
                         uint64_t now)
{
        struct wire_msg header = out->header;
        if (!packet_fits(packet, sizeof(header)))
                return false;
        size_t room = packet_room(packet) - sizeof(header);
        struct run run = {0, 1, header.total};
        if (out->granules > 1)
                run = outgoing_next(out, room);
        if (run.count == 0 || run.length > room)
                return false;
        header.offset = run.first * WIRE_GRANULE;
        header.fragment_length = (uint16_t)run.length;
        core_assert(header.offset + run.length <= header.total);
        if (header.offset + run.length == header.total)
                header.flags |= MSG_FLAG_LAST;
        header.deadline = deadline_left(out->deadline, now);
        packet_append(packet, &header, sizeof(header));
        packet_append(packet, out->content + header.offset, run.length);
        packet_note(packet, (struct item){.type = FRAME_MSG,
                                          .first = (uint8_t)run.first,
                                          .count = (uint8_t)run.count,
                                          .is_void = is_void(out),
                                          .index = reference,
                                          .tag = (uint32_t)out->header.call});
        outgoing_sent(out, &run);
        return true;
}

bool msg_put(struct session *session, struct packet *packet, bool longest, uint64_t now)
{
        uint16_t reference = queue_first_message(session, longest);
        if (reference == NO_INDEX ||
            !fragment_put(packet, outgoing_at(session, reference), reference, now))
                return false;
        if (outgoing_at(session, reference)->granules <= WIRE_SHORT)
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
        if (!out || !outgoing_acked(session, out, item))
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
                outgoing_lost(session, out, item, refused);
}
