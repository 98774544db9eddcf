/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sealed packet. What opens it, or why nothing does, is noted when it is seen first (sealed.c);
 * it is opened anew each time that it is shown, so that a large capture is not kept twice. */
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/opener.h"

static void sealed_bytes_add(struct view *view, struct stretch body)
{
        proto_tree_add_item(view->tree, field.sealed, view->tvb, body.at, (int)body.captured,
                            ENC_NA);
        if (tvb_captured_length(view->tvb) == tvb_reported_length(view->tvb))
                proto_tree_add_item(view->tree, field.tag, view->tvb, body.at + (int)body.length,
                                    CIPHER_TAG, ENC_NA);
}

static void closed_dissect(struct view *view, struct stretch body)
{
        const struct packet_note *note = view->note;
        view->busy = true; /* for all that is known */
        proto_item_set_generated(
            proto_tree_add_string(view->tree, field.kind, view->tvb, 0, 0, "sealed"));
        if (body.captured < body.length)
                cut_add(view, view->item);
        if (!note)
                return;
        track_unseen(view->pinfo, note);
        if (!note->closed)
                return;
        proto_item *item =
            proto_tree_add_string(view->tree, field.closed, view->tvb, 0, 0, note->closed);
        proto_item_set_generated(item);
        if (note->damaged)
                expert_add_info(view->pinfo, item, &expert.damaged);
        else if (body.captured == body.length)
                expert_add_info_format(view->pinfo, item, &expert.no_key, "Session %u: %s",
                                       note->serial, note->closed);
        if (note->damaged)
                info_add(view->info, "(damaged)");
}

/* The packet's content takes the packet's place. */
static void opened_dissect(struct view *view, guint length)
{
        guint size = length - PROTECT_OVERHEAD;
        guint8 *plain = wmem_alloc(view->pinfo->pool, size ? size : 1);
        if (!opener_open(view->note->key, tvb_get_ptr(view->tvb, 0, (int)length), length, plain))
                return;
        view->tvb = tvb_new_child_real_data(view->tvb, plain, size, (gint)size);
        add_new_data_source(view->pinfo, view->tvb, "Opened packet");
        frames_dissect(view, (struct stretch){0, size, size});
}

/* As much of the content as the capture has. */
static void part_dissect(struct view *view, struct stretch body)
{
        guint8 *plain = wmem_alloc(view->pinfo->pool, body.captured);
        opener_open_part(view->note->key, tvb_get_ptr(view->tvb, 0, body.at + (int)body.captured),
                         body.captured, plain);
        view->tvb = tvb_new_child_real_data(view->tvb, plain, body.captured, (gint)body.length);
        add_new_data_source(view->pinfo, view->tvb, "Opened beginning of the packet");
        frames_dissect(view, (struct stretch){0, body.captured, body.length});
}

void sealed_dissect(struct view *view, const struct wire_outer *outer, struct stretch body)
{
        guint length = tvb_captured_length(view->tvb);
        bool whole = length == tvb_reported_length(view->tvb);
        view->note = track_sealed(view->pinfo, outer, tvb_get_ptr(view->tvb, 0, (int)length),
                                  whole ? length : 0);
        session_add(view);
        proto_item_append_text(view->item, ", packet %" G_GUINT64_FORMAT, outer->number);
        if (view->note && view->note->cipher)
                proto_item_set_generated(proto_tree_add_string(view->tree, field.cipher, view->tvb,
                                                               0, 0, view->note->cipher));
        sealed_bytes_add(view, body);
        if (view->note && view->note->part && body.captured > 0) {
                part_dissect(view, body);
        } else if (view->note && view->note->key && !view->note->part) {
                opened_dissect(view, length);
        } else {
                info_add(view->info, "sealed, packet %" G_GUINT64_FORMAT, outer->number);
                closed_dissect(view, body);
        }
}
