/* Building packets: acknowledgement, control frames, small messages, then fragments of large ones
 * in turn. See session_flush() in session.h. */
#include "netipc/core/calls.h"
#include "netipc/core/exports.h"
#include "netipc/core/imports.h"
#include "netipc/core/items.h"
#include "netipc/core/message.h"
#include "netipc/core/queues.h"
#include "netipc/core/received.h"
#include "netipc/core/sent.h"
#include "netipc/core/served.h"
#include "netipc/core/session.h"

enum { CONTROL_RESERVE = 8 }; /* packets beyond the window for frames that must not wait */

/* A packet being built. */
struct builder {
        size_t used;
        unsigned items;
        bool eliciting;
        struct item item[SENT_ITEMS];
        uint8_t packet[WIRE_PACKET_MAX];
};

static size_t room(const struct builder *builder)
{
        return WIRE_PACKET_MAX - WIRE_TRAILER_SIZE - builder->used;
}

static bool has_room(const struct builder *builder, size_t size)
{
        return builder->items < SENT_ITEMS && room(builder) >= size;
}

static void append(struct builder *builder, const void *frame, size_t size, struct item item)
{
        wire_put(builder->packet + builder->used, frame, size);
        builder->used += size;
        builder->item[builder->items++] = item;
        builder->eliciting = true;
}

static void put_ack(struct session *session, struct builder *builder, uint64_t now)
{
        builder->used +=
            received_busy_put(&session->received, builder->packet + builder->used, room(builder));
        if (session->received.unacked)
                builder->used +=
                    received_ack_put(&session->received, builder->packet + builder->used,
                                     room(builder), session->core->config.credit, now);
}

static void put_cancels(struct session *session, struct builder *builder)
{
        struct wire_cancel frame;
        while (has_room(builder, sizeof(frame)) && call_cancel_next(session, &frame))
                append(builder, &frame, sizeof(frame),
                       (struct item){.kind = ITEM_CANCEL,
                                     .index = (uint16_t)wire_call_slot(frame.call),
                                     .tag = (uint32_t)frame.call});
}

static void put_dead(struct session *session, struct builder *builder)
{
        struct wire_dead frame;
        while (has_room(builder, sizeof(frame)) && export_dead_next(session, &frame))
                append(builder, &frame, sizeof(frame),
                       (struct item){.kind = ITEM_DEAD,
                                     .index = (uint16_t)frame.export_id,
                                     .tag = frame.generation});
}

/* Releases wait a little, to share a packet with something else or with each other. */
static void put_releases(struct session *session, struct builder *builder, uint64_t now)
{
        struct releases *releases = &session->releases;
        if (!release_waiting(session)) {
                releases->deadline = CORE_NEVER; /* what waited was acknowledged after all */
                return;
        }
        if (releases->deadline == CORE_NEVER)
                releases->deadline = now + RELEASE_DELAY;
        if (!builder->eliciting && !releases->resend && now < releases->deadline)
                return;
        size_t most = sizeof(struct wire_release) + sizeof(releases->ring[0].entry);
        struct release_batch *batch;
        while (has_room(builder, most) && (batch = release_next(session))) {
                struct wire_release frame = {
                    .type = FRAME_RELEASE, .count = batch->count, .sequence = batch->sequence};
                append(builder, &frame, sizeof(frame),
                       (struct item){.kind = ITEM_RELEASE, .tag = batch->sequence});
                size_t entries = batch->count * sizeof(batch->entry[0]);
                wire_put(builder->packet + builder->used, batch->entry, entries);
                builder->used += entries;
        }
}

static struct item message_item(const struct outgoing *out, uint16_t reference, uint8_t fragment)
{
        struct item item = {.kind = ITEM_CALL,
                            .fragment = fragment,
                            .index = reference & (uint16_t)~REPLY_REF,
                            .tag = (uint32_t)out->header.call};
        if (reference & REPLY_REF)
                item.kind = ITEM_REPLY;
        else if (out->header.flags & MSG_FLAG_VOID)
                item.kind = ITEM_VOID;
        return item;
}

/* Appends a fragment of the queue's first message, the rest of which goes to the queue's end. False
 * if nothing was appended. */
static bool put_fragment(struct session *session, struct builder *builder, struct queue *queue,
                         uint64_t now)
{
        uint16_t reference;
        while (builder->items < SENT_ITEMS && (reference = queue->head) != NO_INDEX) {
                struct outgoing *out = outgoing_at(session, reference);
                if (!out->active || !out->unsent) {
                        queue_pop_message(session, queue);
                        continue;
                }
                uint8_t fragment;
                size_t size = outgoing_put(out, builder->packet + builder->used, room(builder), now,
                                           &fragment);
                if (size == 0)
                        return false;
                builder->used += size;
                builder->eliciting = true;
                builder->item[builder->items++] = message_item(out, reference, fragment);
                queue_pop_message(session, queue);
                if (out->unsent)
                        queue_push_message(session, reference);
                return true;
        }
        return false;
}

/* A PING in a packet of its own, ahead of all that waits: the peer acknowledges it even if it can
 * take nothing else now, and that acknowledgement shows that it lives and what else is lost. */
static void put_ping(struct session *session, struct builder *builder)
{
        struct wire_ping frame = {.type = FRAME_PING};
        wire_put(builder->packet + builder->used, &frame, sizeof(frame));
        builder->used += sizeof(frame);
        builder->eliciting = true;
        session->ping = false;
}

static void transmit(struct session *session, struct builder *builder, uint64_t now)
{
        uint64_t number = sent_number(session);
        struct wire_outer outer = {.version_type = WIRE_VERSION << 4 | PACKET_CLEAR,
                                   .receiver = session->remote_index,
                                   .number = number};
        wire_put(builder->packet, &outer, sizeof(outer));
        wire_trailer_write(builder->packet, builder->used);
        sent_note(&session->sent, number, builder->item, builder->items, builder->eliciting, now);
        struct core *core = session->core;
        core->environment.transmit(core->environment.context, session->peer->address,
                                   builder->packet, builder->used + WIRE_TRAILER_SIZE);
}

/* Fills one packet. False if nothing needs to be sent. */
static bool packet_fill(struct session *session, struct builder *builder, uint64_t now)
{
        builder->used = sizeof(struct wire_outer);
        builder->items = 0;
        builder->eliciting = false;
        bool due = received_ack_due(&session->received, now);
        bool control = sent_may_send(&session->sent, CONTROL_RESERVE);
        bool data = sent_may_send(&session->sent, 0);
        bool waiting = session->cancels.head != NO_INDEX || session->dead.head != NO_INDEX ||
                       session->small.head != NO_INDEX || session->bulk.head != NO_INDEX ||
                       release_waiting(session) || session->ping;
        if (!due && !(control && waiting))
                return false;
        uint32_t unacked = session->received.unacked;
        bool ack_now = session->received.ack_now;
        put_ack(session, builder, now);
        if (control && session->ping) {
                put_ping(session, builder);
                return true;
        }
        if (control) {
                put_cancels(session, builder);
                put_dead(session, builder);
        }
        while (data && put_fragment(session, builder, &session->small, now))
                ;
        if (data)
                put_fragment(session, builder, &session->bulk, now);
        if (control)
                put_releases(session, builder, now);
        if (builder->eliciting || due)
                return true;
        session->received.unacked = unacked;
        session->received.ack_now = ack_now;
        return false;
}

void session_flush(struct session *session, uint64_t now)
{
        struct builder builder;
        while (packet_fill(session, &builder, now))
                transmit(session, &builder, now);
}

void session_close(struct session *session, enum reason reason, uint64_t now)
{
        struct builder builder = {.used = sizeof(struct wire_outer)};
        struct wire_close frame = {.type = FRAME_CLOSE, .reason = (uint16_t)reason};
        wire_put(builder.packet + builder.used, &frame, sizeof(frame));
        builder.used += sizeof(frame);
        transmit(session, &builder, now);
}

/* --- what became of a packet's frames -------------------------------------------------------- */

void item_acked(struct session *session, const struct item *item)
{
        switch (item->kind) {
        case ITEM_CALL:
        case ITEM_VOID:
                call_fragment_acked(session, item->index, item->tag, item->fragment,
                                    item->kind == ITEM_VOID);
                break;
        case ITEM_REPLY:
                served_fragment_acked(session, item->index, item->tag, item->fragment);
                break;
        case ITEM_RELEASE:
                release_acked(session, item->tag);
                break;
        default: /* CANCEL and DEAD have done their work by arriving */
                break;
        }
}

void item_lost(struct session *session, const struct item *item, bool refused)
{
        switch (item->kind) {
        case ITEM_CALL:
        case ITEM_VOID:
                call_fragment_lost(session, item->index, item->tag, item->fragment,
                                   item->kind == ITEM_VOID, refused);
                break;
        case ITEM_REPLY:
                served_fragment_lost(session, item->index, item->tag, item->fragment, refused);
                break;
        case ITEM_CANCEL:
                call_cancel_lost(session, item->index, item->tag);
                break;
        case ITEM_RELEASE:
                release_lost(session, item->tag);
                break;
        case ITEM_DEAD:
                export_dead_lost(session, item->index, item->tag);
                break;
        default:
                break;
        }
}
