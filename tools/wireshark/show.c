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
