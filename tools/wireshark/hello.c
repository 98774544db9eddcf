/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a hello. */
#include "tools/wireshark/dissect.h"

static const struct cell hello_cells[] = {WIRE_HELLO_FIELDS(CELL)};

static void hello_show(struct view *view, const struct wire_hello *hello)
{
        info_add(view->info, "hello %s %s", wire_hello_name(hello->kind), hello->name);
        proto_item_append_text(view->item, ", hello %s of %s", wire_hello_name(hello->kind),
                               hello->name);
        view->hello = wmem_strdup(view->pinfo->pool, hello->name);
        view->busy = hello->kind != HELLO_BEACON;
        const struct hello_note *note = track_hello(view->pinfo, hello);
        if (!note)
                return;
        link_add(view, view->tree, field.hello_answers, note->answers);
        link_add(view, view->tree, field.hello_answered_in, note->answered_in);
}

void hello_dissect(struct view *view, struct stretch body)
{
        int at = body.at;
        unsigned length = body.length;
        if (body.captured < length) {
                info_add(view->info, "hello");
                cut_add(view, view->item);
                return;
        }
        proto_item *kind =
            proto_tree_add_string(view->tree, field.kind, view->tvb, at, (int)length, "hello");
        proto_item_set_generated(kind);
        struct wire_hello hello;
        enum wire_error error =
            wire_hello_decode(tvb_get_ptr(view->tvb, at, (int)length), length, &hello);
        if (length == sizeof(hello))
                CELLS_ADD(view->tree, view->tvb, at, hello_cells);
        else
                proto_tree_add_item(view->tree, field.rest, view->tvb, at, (int)length, ENC_NA);
        if (error) {
                info_add(view->info, "hello (malformed: %s)", wire_error_name(error));
                malformed_add(view, view->item, wire_error_name(error));
                return;
        }
        hello_show(view, &hello);
}
