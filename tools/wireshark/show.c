/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all parts of the dissector show things with (dissect.h). */
#include "tools/wireshark/dissect.h"

#include <stdarg.h>

void cells_add(proto_tree *to, tvbuff_t *tvb, int at, const struct cell *cells, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                proto_tree_add_item(to, *cells[i].field, tvb, at + cells[i].offset, cells[i].size,
                                    ENC_LITTLE_ENDIAN);
}

void info_add(wmem_strbuf_t *info, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        if (wmem_strbuf_get_len(info))
                wmem_strbuf_append(info, ", ");
        wmem_strbuf_append_vprintf(info, format, arguments);
        va_end(arguments);
}

void malformed_add(struct view *view, proto_item *item, const char *why)
{
        expert_add_info_format(view->pinfo, item, &expert.malformed, "Malformed: %s", why);
        proto_tree_add_protocol_format(view->tree, field.proto_malformed, view->tvb, 0, 0,
                                       "[Malformed packet: %s]", why);
}

void link_add(struct view *view, proto_tree *to, int shown, guint32 frame)
{
        if (frame)
                proto_item_set_generated(proto_tree_add_uint(to, shown, view->tvb, 0, 0, frame));
}

void cut_add(struct view *view, proto_item *item)
{
        info_add(view->info, "(cut by the capture)");
        expert_add_info(view->pinfo, item, &expert.cut);
}

static void text_add(struct view *view, int shown, const char *text)
{
        if (text)
                proto_item_set_generated(
                    proto_tree_add_string(view->tree, shown, view->tvb, 0, 0, text));
}

static void duplicate_add(struct view *view, guint32 frame)
{
        proto_item *item =
            proto_tree_add_uint(view->tree, field.duplicate_of, view->tvb, 0, 0, frame);
        proto_item_set_generated(item);
        expert_add_info(view->pinfo, item, &expert.duplicate);
        info_add(view->info, "duplicate");
}

void session_add(struct view *view)
{
        const struct packet_note *note = view->note;
        if (!note)
                return;
        if (note->serial)
                proto_item_set_generated(
                    proto_tree_add_uint(view->tree, field.session, view->tvb, 0, 0, note->serial));
        text_add(view, field.from, note->from);
        text_add(view, field.to, note->to);
        if (note->from && note->to)
                proto_item_append_text(view->item, ", %s to %s", note->from, note->to);
        if (note->duplicate_of)
                duplicate_add(view, note->duplicate_of);
}
