/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSG frames: header, links between call and reply, fragments. */
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/exports.h"
#include "tools/wireshark/follow.h"
#include "tools/wireshark/names.h"
#include "tools/wireshark/statistics.h"

#include "kernel/abi/outcome.h"

static struct {
        reassembly_table table; /* by message.serial */
} whole;

void message_register(void)
{
        reassembly_table_register(&whole.table, &addresses_ports_reassembly_table_functions);
}

/* --- header ----------------------------------------------------------------------------------- */

static void call_id_add(proto_tree *to, tvbuff_t *tvb, int at, guint64 call)
{
        proto_item *item = proto_tree_add_item(to, field.call_id, tvb, at, 8, ENC_LITTLE_ENDIAN);
        proto_tree *tree_of_id = proto_item_add_subtree(item, tree.call_id);
        proto_tree_add_uint(tree_of_id, field.call_slot, tvb, at + 6, 2, wire_call_slot(call));
        proto_tree_add_uint64(tree_of_id, field.call_sequence, tvb, at, 6,
                              wire_call_sequence(call));
}

static void deadline_add(proto_tree *to, tvbuff_t *tvb, int at, guint32 deadline)
{
        proto_item *item = proto_tree_add_uint(to, field.deadline, tvb, at, 4, deadline);
        if (deadline == WIRE_NO_DEADLINE)
                proto_item_set_text(item, "Deadline: none");
        else
                proto_item_append_text(item, " us");
}

static void name_add(proto_tree *to, int shown, tvbuff_t *tvb, int at, const char *name)
{
        proto_tree_add_string(to, shown, tvb, at, 2, name);
}

static void header_add(struct view *view, proto_tree *to, int at, const struct wire_msg *msg)
{
        static int *const flags[] = {&field.flag_void,
                                     &field.flag_pages,
                                     &field.flag_idempotent,
                                     &field.flag_last,
                                     &field.flag_oneway,
                                     &field.flag_reply,
                                     NULL};
        static const struct cell cells[] = {WIRE_MSG_FIELDS(CELL)};
        static const struct cell numbers[] = {WIRE_MSG_METHOD_FIELDS(CELL)};
        tvbuff_t *tvb = view->tvb;
        wmem_allocator_t *pool = view->pinfo->pool;
        int interface_at = at + (int)offsetof(struct wire_msg, interface);
        int method_at = at + (int)offsetof(struct wire_msg, method);
        name_add(to, field.interface, tvb, interface_at, interface_text(pool, msg->interface));
        name_add(to, field.method, tvb, method_at, method_text(pool, msg->interface, msg->method));
        CELLS_ADD(to, tvb, at, numbers);
        call_id_add(to, tvb, at + (int)offsetof(struct wire_msg, call), msg->call);
        if (msg->flags & MSG_FLAG_REPLY || msg->outcome) {
                int outcome_at = at + (int)offsetof(struct wire_msg, outcome);
                name_add(to, field.outcome, tvb, outcome_at, outcome_text(pool, msg->outcome));
                proto_tree_add_uint(to, field.outcome_code, tvb, outcome_at, 2, msg->outcome);
        }
        proto_tree_add_bitmask(to, tvb, at + (int)offsetof(struct wire_msg, flags), field.flags,
                               tree.flags, flags, ENC_LITTLE_ENDIAN);
        deadline_add(to, tvb, at + (int)offsetof(struct wire_msg, deadline), msg->deadline);
        CELLS_ADD(to, tvb, at, cells);
}

/* --- links ------------------------------------------------------------------------------------ */

/* That a reply is missing is only said where the capture would have it. */
static void no_reply_add(struct view *view, proto_item *item)
{
        const char *unknown = track_replies_unknown(view->pinfo, view->note);
        if (unknown)
                expert_add_info_format(view->pinfo, item, &expert.unknown_reply, "%s", unknown);
        else
                expert_add_info(view->pinfo, item, &expert.no_reply);
}

static void call_links(struct view *view, proto_tree *to, proto_item *item, const struct call *call,
                       bool expects_reply)
{
        guint32 reply = call->reply.complete_frame ? call->reply.complete_frame : call->reply.frame;
        link_add(view, to, field.reply_in, reply);
        link_add(view, to, field.cancel_in, call_cancel_frame(call));
        link_add(view, to, field.withdrawn_in, call->withdrawn_frame);
        if (!expects_reply || call->request.frame != view->pinfo->num)
                return;
        proto_item_set_generated(proto_tree_add_boolean(to, field.begins, view->tvb, 0, 0, TRUE));
        if (!reply && !call->withdrawn_frame && view->pinfo->fd->visited)
                no_reply_add(view, item);
}

static void time_add(struct view *view, proto_tree *to, const struct call *call)
{
        proto_item_set_generated(
            proto_tree_add_time(to, field.time, view->tvb, 0, 0, &call->elapsed));
        statistics_answer(view, call);
}

static void reply_links(struct view *view, proto_tree *to, proto_item *item,
                        const struct call *call, bool completes)
{
        link_add(view, to, field.call_in, call->request.frame);
        if (!call->request.frame)
                expert_add_info(view->pinfo, item, &expert.no_call);
        else if (completes)
                time_add(view, to, call);
}

static void outcome_check(struct view *view, proto_item *item, const struct wire_msg *msg)
{
        if (msg->outcome)
                expert_add_info_format(view->pinfo, item, &expert.failed, "%s",
                                       outcome_text(view->pinfo->pool, msg->outcome));
}

/* --- info column ------------------------------------------------------------------------------ */

/* "1.2 ms" */
static const char *time_text(wmem_allocator_t *pool, const nstime_t *time)
{
        double ms = nstime_to_msec(time);
        return ms < 1000 ? wmem_strdup_printf(pool, "%.*f ms", ms < 10 ? 1 : 0, ms)
                         : wmem_strdup_printf(pool, "%.1f s", ms / 1000);
}

static const char *summary(struct view *view, const struct wire_frame *frame,
                           const struct frame_note *note)
{
        const struct wire_msg *msg = &frame->msg;
        wmem_allocator_t *pool = view->pinfo->pool;
        bool complete = note ? note->completes : msg->fragment_length == msg->total;
        wmem_strbuf_t *text = wmem_strbuf_new(pool, kind_text(frame));
        wmem_strbuf_append_printf(text, " %s %s",
                                  full_method_text(pool, msg->interface, msg->method),
                                  call_text(pool, msg->call));
        if (msg->fragment_length != msg->total)
                wmem_strbuf_append_printf(text, " [%u-%u of %u]", msg->offset,
                                          msg->offset + msg->fragment_length - 1, msg->total);
        if (msg->flags & MSG_FLAG_REPLY && (complete || msg->fragment_length == msg->total))
                wmem_strbuf_append_printf(text, " %s", outcome_text(pool, msg->outcome));
        if (msg->flags & MSG_FLAG_REPLY && note && note->completes && note->call->request.frame)
                wmem_strbuf_append_printf(text, " %s", time_text(pool, &note->call->elapsed));
        if (note && note->repeats)
                wmem_strbuf_append(text, note->added ? " (in part again)" : " (again)");
        wmem_strbuf_append(text, wmem_strbuf_get_str(view->arguments));
        return wmem_strbuf_finalize(text);
}

/* --- content ---------------------------------------------------------------------------------- */

static void whole_dissect(struct view *view, proto_tree *to, tvbuff_t *content,
                          const struct wire_msg *msg, const struct frame_note *note)
{
        unsigned before = msg->words * 8u + msg->caps * (unsigned)sizeof(struct wire_capability);
        if (msg->total > before)
                view->bytes = tvb_new_subset_remaining(content, (int)before);
        content_dissect(view, to, content, msg, note);
}

static void fragment_dissect(struct view *view, proto_tree *to, int at, const struct wire_msg *msg,
                             const struct frame_note *note)
{
        int length = msg->fragment_length;
        if (note && note->added) {
                fragment_head *head = fragment_add_check(
                    &whole.table, view->tvb, at, view->pinfo, note->message->serial, NULL,
                    msg->offset, msg->fragment_length, !(msg->flags & MSG_FLAG_LAST));
                tvbuff_t *content =
                    process_reassembled_data(view->tvb, at, view->pinfo, "Portolan message", head,
                                             &fragment_fields, NULL, to);
                if (content && tvb_captured_length(content) == msg->total) {
                        whole_dissect(view, to, content, msg, note);
                        return;
                }
        }
        proto_item *item = proto_tree_add_item(to, field.bytes, view->tvb, at, length, ENC_NA);
        proto_item_set_text(item, "Fragment: %d bytes", length);
}

static void links_add(struct view *view, proto_tree *to, proto_item *item,
                      const struct wire_msg *msg, const struct frame_note *note)
{
        if (!note || !note->call)
                return;
        if (msg->flags & MSG_FLAG_REPLY)
                reply_links(view, to, item, note->call, note->completes);
        else
                call_links(view, to, item, note->call,
                           !(msg->flags & (MSG_FLAG_ONEWAY | MSG_FLAG_VOID)));
}

/* The name of the right through which the call was made. */
static void service_add(struct view *view, proto_tree *to, const struct wire_msg *msg,
                        const struct frame_note *note)
{
        bool reply = msg->flags & MSG_FLAG_REPLY;
        const struct wire_msg *request =
            reply && note && note->call ? &note->call->request.header : msg;
        const struct export *export =
            track_export(view->note, reply, request->export_id, request->generation);
        if (!export || !export->name)
                return;
        proto_item_set_generated(
            proto_tree_add_string(to, field.service, view->tvb, 0, 0, export->name));
        if (view->service || export->id == WIRE_ROOT_EXPORT)
                return;
        view->service = export->name;
        view->by_called = reply;
}

/* What of the message lies in this frame, at `at`. */
static void payload_dissect(struct view *view, proto_tree *to, int at, const struct wire_msg *msg,
                            const struct frame_note *note)
{
        if (tvb_captured_length_remaining(view->tvb, at) < msg->fragment_length)
                return;
        if (msg->fragment_length != msg->total)
                fragment_dissect(view, to, at, msg, note);
        else
                whole_dissect(view, to, tvb_new_subset_length(view->tvb, at, msg->fragment_length),
                              msg, note);
}

void message_dissect(struct view *view, proto_tree *to, proto_item *item, int at,
                     const struct wire_frame *frame, const struct frame_note *note)
{
        const struct wire_msg *msg = &frame->msg;
        header_add(view, to, at, msg);
        follow_numbers_add(view, to, note);
        service_add(view, to, msg, note);
        links_add(view, to, item, msg, note);
        if (msg->fragment_length == msg->total || (note && note->completes))
                outcome_check(view, item, msg);
        view->arguments = wmem_strbuf_new(view->pinfo->pool, NULL);
        view->bytes = NULL;
        payload_dissect(view, to, at + (int)sizeof(*msg), msg, note);
        const char *text = summary(view, frame, note);
        info_add(view->info, "%s", text);
        if (note && (note->completes || msg->flags & MSG_FLAG_VOID))
                follow_frame(view, note, text, view->bytes);
        proto_item_set_text(item, "Frame: %s", text);
}
