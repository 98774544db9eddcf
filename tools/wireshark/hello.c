/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of a hello. */
#include "tools/wireshark/dissect.h"

static const struct cell hello_cells[] = {
    CELL(wire_hello, version, hello_version),
    CELL(wire_hello, kind, hello_kind),
    CELL(wire_hello, name_length, hello_name_length),
    CELL(wire_hello, sender_index, hello_sender_index),
    CELL(wire_hello, cluster, hello_cluster),
    CELL(wire_hello, node, hello_node),
    CELL(wire_hello, epoch, hello_epoch),
    CELL(wire_hello, sender_nonce, hello_sender_nonce),
    CELL(wire_hello, receiver_nonce, hello_receiver_nonce),
    CELL(wire_hello, packet_size, hello_packet_size),
    CELL(wire_hello, credit, hello_credit),
    CELL(wire_hello, calls, hello_calls),
    CELL(wire_hello, fragment_size, hello_fragment_size),
    CELL(wire_hello, exports, hello_exports),
    CELL(wire_hello, features, hello_features),
    CELL(wire_hello, name, hello_name),
};

void hello_dissect(struct view *view, int at, unsigned length)
{
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
        info_add(view->info, "hello %s %s", wire_hello_name(hello.kind), hello.name);
        proto_item_append_text(view->item, ", hello %s of %s", wire_hello_name(hello.kind),
                               hello.name);
        track_hello(view->pinfo, &hello);
}
