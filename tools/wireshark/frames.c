/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of a packet that is clear, or opened, one after the other; messages are in message.c.
 * */
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/exports.h"
#include "tools/wireshark/follow.h"
#include "tools/wireshark/names.h"

#include "kernel/abi/outcome.h"

/* A frame being shown. */
struct shown {
        struct view *view;
        proto_tree *tree;
        proto_item *item;
        int at;
        const struct wire_frame *frame;
        const struct frame_note *note;
};

static void summary_set(const struct shown *shown, wmem_strbuf_t *info, const char *text)
{
        proto_item_set_text(shown->item, "Frame: %s", text);
        info_add(info, "%s%s", text, shown->note && shown->note->repeats ? " (again)" : "");
}

static void ack_range_add(const struct shown *shown, int at, int size, guint64 low, guint64 high)
{
        proto_tree_add_string(shown->tree, field.ack_range, shown->view->tvb, at, size,
                              wmem_strdup_printf(shown->view->pinfo->pool,
                                                 "%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, low,
                                                 high));
}

/* The packets that are acknowledged: first those up to the largest, then range by range below. */
static void ack_ranges_add(const struct shown *shown)
{
        const struct wire_ack *ack = &shown->frame->ack;
        guint64 low = ack->largest - (ack->first - 1);
        int first_size = sizeof(ack->largest) + sizeof(ack->first);
        ack_range_add(shown, shown->at + (int)offsetof(struct wire_ack, largest), first_size, low,
                      ack->largest);
        for (unsigned i = 0; i < ack->range_count; i++) {
                struct wire_ack_range range = wire_ack_range_at(shown->frame->payload, i);
                guint64 high = low - range.gap - 1;
                low = high - (range.length - 1);
                ack_range_add(shown, shown->at + (int)sizeof(*ack) + (int)(i * sizeof(range)),
                              sizeof(range), low, high);
        }
}

static void ack_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_ACK_FIELDS(CELL)};
        const struct wire_ack *ack = &shown->frame->ack;
        wmem_allocator_t *pool = shown->view->pinfo->pool;
        tvbuff_t *tvb = shown->view->tvb;
        CELLS_ADD(shown->tree, tvb, shown->at, cells);
        wmem_strbuf_t *text = wmem_strbuf_new(pool, NULL);
        wmem_strbuf_append_printf(text, "ack %" G_GUINT64_FORMAT, ack->largest);
        if (ack->range_count)
                wmem_strbuf_append_printf(text, " with %u gap%s", ack->range_count,
                                          ack->range_count == 1 ? "" : "s");
        ack_ranges_add(shown);
        summary_set(shown, shown->view->acks, wmem_strbuf_finalize(text));
}

static void cancel_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_CANCEL_FIELDS(CELL)};
        const struct wire_cancel *cancel = &shown->frame->cancel;
        struct view *view = shown->view;
        wmem_allocator_t *pool = view->pinfo->pool;
        const struct call *call = shown->note ? shown->note->call : NULL;
        const char *method = "";
        CELLS_ADD(shown->tree, view->tvb, shown->at, cells);
        if (call && (call->request.frame || call->reply.frame)) {
                method = wmem_strdup_printf(pool, "%s ",
                                            full_method_text(pool, call->interface, call->method));
                proto_item_set_generated(
                    proto_tree_add_string(shown->tree, field.interface, view->tvb, 0, 0,
                                          interface_text(pool, call->interface)));
                proto_item_set_generated(
                    proto_tree_add_string(shown->tree, field.method, view->tvb, 0, 0,
                                          method_text(pool, call->interface, call->method)));
        }
        if (call && call->request.frame) {
                link_add(view, shown->tree, field.call_in, call->request.frame);
                proto_item_set_generated(proto_tree_add_uint64(shown->tree, field.trace, view->tvb,
                                                               0, 0, call->request.header.trace));
        }
        follow_numbers_add(view, shown->tree, shown->note);
        const char *text =
            wmem_strdup_printf(pool, "cancel %s%s %s", method, call_text(pool, cancel->call),
                               reason_text(cancel->reason));
        summary_set(shown, view->info, text);
        follow_frame(view, shown->note, text, NULL);
}

/* " fs", or nothing. */
static const char *export_text(const struct shown *shown, bool of_sender, guint32 id,
                               guint32 generation)
{
        const struct export *export = track_export(shown->view->note, of_sender, id, generation);
        return export && export->name
                   ? wmem_strdup_printf(shown->view->pinfo->pool, " %s", export->name)
                   : "";
}

static void release_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_RELEASE_FIELDS(CELL)};
        static const struct cell entry_cells[] = {WIRE_RELEASE_ENTRY_FIELDS(CELL)};
        tvbuff_t *tvb = shown->view->tvb;
        wmem_strbuf_t *text = wmem_strbuf_new(shown->view->pinfo->pool, "release");
        CELLS_ADD(shown->tree, tvb, shown->at, cells);
        int at = shown->at + (int)sizeof(struct wire_release);
        for (unsigned i = 0; i < shown->frame->release.count; i++) {
                struct wire_release_entry entry = wire_release_entry_at(shown->frame->payload, i);
                const char *name = export_text(shown, false, entry.export_id, entry.generation);
                proto_tree *to = proto_tree_add_subtree_format(
                    shown->tree, tvb, at, sizeof(entry), tree.release, NULL, "%u.%u%s: %u",
                    entry.export_id, entry.generation, name, entry.count);
                CELLS_ADD(to, tvb, at, entry_cells);
                wmem_strbuf_append_printf(text, " %u.%u%s", entry.export_id, entry.generation,
                                          name);
                at += (int)sizeof(entry);
        }
        summary_set(shown, shown->view->info, wmem_strbuf_finalize(text));
}

static void dead_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_DEAD_FIELDS(CELL)};
        const struct wire_dead *dead = &shown->frame->dead;
        CELLS_ADD(shown->tree, shown->view->tvb, shown->at, cells);
        summary_set(shown, shown->view->info,
                    wmem_strdup_printf(shown->view->pinfo->pool, "dead %u.%u%s: %s",
                                       dead->export_id, dead->generation,
                                       export_text(shown, true, dead->export_id, dead->generation),
                                       reason_text(dead->reason)));
}

static void ping_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_PING_FIELDS(CELL)};
        CELLS_ADD(shown->tree, shown->view->tvb, shown->at, cells);
        summary_set(shown, shown->view->info, "ping");
}

static void probe_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_PROBE_FIELDS(CELL)};
        CELLS_ADD(shown->tree, shown->view->tvb, shown->at, cells);
        summary_set(shown, shown->view->info,
                    wmem_strdup_printf(shown->view->pinfo->pool, "probe with %u bytes",
                                       shown->frame->probe.padding));
}

static void close_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_CLOSE_FIELDS(CELL)};
        CELLS_ADD(shown->tree, shown->view->tvb, shown->at, cells);
        summary_set(shown, shown->view->info,
                    wmem_strdup_printf(shown->view->pinfo->pool, "close %s",
                                       reason_text(shown->frame->close.reason)));
}

static void busy_dissect(const struct shown *shown)
{
        static const struct cell cells[] = {WIRE_BUSY_FIELDS(CELL)};
        CELLS_ADD(shown->tree, shown->view->tvb, shown->at, cells);
        summary_set(shown, shown->view->info,
                    wmem_strdup_printf(shown->view->pinfo->pool, "busy #%" PRIu64,
                                       shown->frame->busy.number));
}

static void msg_dissect(const struct shown *shown)
{
        message_dissect(shown->view, shown->tree, shown->item, shown->at, shown->frame,
                        shown->note);
}

static void body_dissect(const struct shown *shown)
{
        switch ((enum wire_frame_type)shown->frame->type) {
#define FRAME(NAME, name, ...)                                                                     \
        case FRAME_##NAME:                                                                         \
                name##_dissect(shown);                                                             \
                break;
#include "netipc/core/frames.def"
        }
}

/* What earlier packets say about the frame. */
static void history_add(const struct shown *shown)
{
        packet_info *pinfo = shown->view->pinfo;
        const struct frame_note *note = shown->note;
        if (note && note->repeats) {
                proto_item_set_generated(proto_tree_add_uint(
                    shown->tree, field.retransmission_of, shown->view->tvb, 0, 0, note->repeats));
                expert_add_info(pinfo, shown->item, &expert.retransmission);
        }
        if (note && note->violation)
                expert_add_info_format(pinfo, shown->item, &expert.violation, "%s",
                                       note->violation);
}

static void frame_dissect(struct view *view, int at, unsigned index, const struct wire_frame *frame,
                          size_t size)
{
        struct shown shown = {.view = view, .at = at, .frame = frame};
        shown.tree = proto_tree_add_subtree(view->tree, view->tvb, at, (int)size, tree.frame,
                                            &shown.item, "Frame");
        proto_item_set_generated(proto_tree_add_string(shown.tree, field.kind, view->tvb, at,
                                                       (int)size, kind_text(frame)));
        proto_tree_add_item(shown.tree, field.frame_type, view->tvb, at, 1, ENC_LITTLE_ENDIAN);
        shown.note = track_frame(view->pinfo, view->note, index, frame);
        body_dissect(&shown);
        history_add(&shown);
        view->busy |= frame->type != FRAME_ACK && frame->type != FRAME_PING &&
                      frame->type != FRAME_BUSY && frame->type != FRAME_PROBE;
        view->given |= shown.note && shown.note->gives;
}

/* Whether the rest begins with a message of which the capture has the header, if not all. */
static bool message_is_cut(const struct view *view, const struct stretch *rest)
{
        return rest->captured < rest->length && rest->captured >= sizeof(struct wire_msg) &&
               tvb_get_guint8(view->tvb, rest->at) == FRAME_MSG;
}

static void broken_dissect(struct view *view, const struct stretch *rest, enum wire_error error)
{
        proto_item *item = proto_tree_add_item(view->tree, field.rest, view->tvb, rest->at,
                                               (int)rest->captured, ENC_NA);
        /* That a message goes beyond its packet is so, whatever the capture has of it. */
        if (error == WIRE_BAD_TRUNCATED && rest->captured < rest->length &&
            !message_is_cut(view, rest)) {
                track_unseen(view->pinfo, view->note);
                cut_add(view, item);
                return;
        }
        info_add(view->info, "(malformed: %s)", wire_error_name(error));
        malformed_add(view, item, wire_error_name(error));
}

/* Decodes the first frame. Of a message that the capture cuts the header says what belongs
 * together, which is all that is wanted of it: zeros stand for what is not there. */
static enum wire_error frame_decode(const struct view *view, const struct stretch *rest,
                                    struct wire_frame *frame, size_t *used)
{
        const guint8 *bytes = tvb_get_ptr(view->tvb, rest->at, (int)rest->captured);
        if (rest->captured == 0)
                return WIRE_BAD_TRUNCATED;
        enum wire_error error = wire_frame_decode(bytes, rest->captured, frame, used);
        if (error != WIRE_BAD_TRUNCATED || !message_is_cut(view, rest))
                return error;
        guint8 *padded = wmem_alloc0(view->pinfo->pool, rest->length);
        memcpy(padded, bytes, rest->captured);
        return wire_frame_decode(padded, rest->length, frame, used);
}

/* Shows the first frame; returns how long it is, or 0 if nothing behind it can be shown. */
static size_t first_dissect(struct view *view, const struct stretch *rest, unsigned index)
{
        struct wire_frame frame;
        size_t used;
        enum wire_error error = frame_decode(view, rest, &frame, &used);
        if (error) {
                broken_dissect(view, rest, error);
                return 0;
        }
        frame_dissect(view, rest->at, index, &frame, MIN(used, rest->captured));
        if (used <= rest->captured)
                return used;
        cut_add(view, view->item);
        if (used < rest->length)
                track_unseen(view->pinfo, view->note);
        return 0;
}

void frames_dissect(struct view *view, struct stretch rest)
{
        size_t used = 1;
        for (unsigned index = 0; rest.length > 0 && used > 0; index++) {
                used = first_dissect(view, &rest, index);
                rest.at += (int)used;
                rest.captured -= (unsigned)used;
                rest.length -= (unsigned)used;
        }
        if (view->given)
                tables_add(view);
}
