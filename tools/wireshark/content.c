/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The content of a whole message. If the numbers of words and capabilities are those of the
 * method's description, each is shown by its name, and the bytes are cut into its parameters: their
 * lengths are the words behind the word parameters. If not, all is shown by its place. */
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/names.h"

#include "kernel/abi/outcome.h"
#include "servers/proto/names.h"

enum { TEXT_MAX = 80 }; /* bytes shown as text */

/* A message's content and what describes it. */
struct content {
        struct view *view;
        proto_tree *tree;
        tvbuff_t *tvb;
        const struct wire_msg *header;
        const struct proto_parameter *parameters; /* NULL: there is no description that fits */
        unsigned count;
};

static unsigned parameters_of(const struct content *content, enum proto_type type)
{
        unsigned found = 0;
        for (unsigned i = 0; i < content->count; i++)
                found += content->parameters[i].type == type;
        return found;
}

/* The index-th parameter of a type, or NULL. */
static const char *parameter_name(const struct content *content, enum proto_type type,
                                  unsigned index)
{
        if (!content->parameters)
                return NULL;
        for (unsigned i = 0; i < content->count; i++)
                if (content->parameters[i].type == type && index-- == 0)
                        return content->parameters[i].name;
        return NULL;
}

static void describe(struct content *content)
{
        const struct wire_msg *header = content->header;
        const struct proto_method *method = method_find(header->interface, header->method);
        if (!method)
                return;
        bool reply = header->flags & MSG_FLAG_REPLY;
        content->parameters = reply ? method->out : method->in;
        content->count = reply ? method->out_count : method->in_count;
        unsigned words = parameters_of(content, PROTO_WORD) + parameters_of(content, PROTO_BYTES);
        if (words != header->words || parameters_of(content, PROTO_CAP) != header->caps)
                content->parameters = NULL;
}

static void words_dissect(const struct content *content)
{
        unsigned plain = content->parameters ? parameters_of(content, PROTO_WORD) : 0;
        for (unsigned i = 0; i < content->header->words; i++) {
                guint64 value = tvb_get_letoh64(content->tvb, (int)i * 8);
                bool length = content->parameters && i >= plain;
                const char *name = parameter_name(content, length ? PROTO_BYTES : PROTO_WORD,
                                                  length ? i - plain : i);
                proto_item *item = proto_tree_add_uint64(content->tree, field.word, content->tvb,
                                                         (int)i * 8, 8, value);
                if (name)
                        proto_item_set_text(
                            item, "%s%s: %" G_GUINT64_FORMAT " (0x%" G_GINT64_MODIFIER "x)",
                            length ? "length of " : "", name, value, value);
                else
                        proto_item_prepend_text(item, "%u: ", i);
        }
}

static const char *capability_text(wmem_allocator_t *pool, const struct wire_capability *capability)
{
        const char *kind = wire_capability_name(capability->kind);
        if (capability->kind == CAPABILITY_NONE)
                return capability->detail
                           ? wmem_strdup_printf(pool, "none (%s)", reason_text(capability->detail))
                           : kind;
        return wmem_strdup_printf(pool, "%s %u.%u", kind, capability->export_id,
                                  capability->generation);
}

static void capability_dissect(const struct content *content, unsigned index, int at)
{
        static const struct cell cells[] = {WIRE_CAPABILITY_FIELDS(CELL)};
        struct wire_capability capability;
        int size = sizeof(capability);
        enum wire_error error =
            wire_capability_decode(tvb_get_ptr(content->tvb, at, size), &capability);
        wmem_allocator_t *pool = content->view->pinfo->pool;
        const char *text = capability_text(pool, &capability);
        const char *name = parameter_name(content, PROTO_CAP, index);
        if (!name)
                name = wmem_strdup_printf(pool, "Capability %u", index);
        proto_item *item = proto_tree_add_string_format(
            content->tree, field.capability, content->tvb, at, size, text, "%s: %s", name, text);
        CELLS_ADD(proto_item_add_subtree(item, tree.capability), content->tvb, at, cells);
        if (error)
                malformed_add(content->view, item, wire_error_name(error));
}

static bool is_text(tvbuff_t *tvb, int at, int length)
{
        if (length > TEXT_MAX)
                return false;
        const char *bytes = (const char *)tvb_get_ptr(tvb, at, length);
        return g_utf8_validate(bytes, length, NULL) && !memchr(bytes, 0, (size_t)length);
}

static void bytes_add(const struct content *content, const char *name, int at, int length)
{
        proto_item *item =
            proto_tree_add_item(content->tree, field.bytes, content->tvb, at, length, ENC_NA);
        const char *what = name ? name : "Bytes";
        if (length == 0)
                proto_item_set_text(item, "%s: none", what);
        else if (is_text(content->tvb, at, length))
                proto_item_set_text(
                    item, "%s: \"%s\"", what,
                    tvb_format_text(content->view->pinfo->pool, content->tvb, at, length));
        else
                proto_item_set_text(item, "%s: %d bytes", what, length);
}

/* Length that the words give to the index-th bytes parameter. */
static guint64 bytes_length(const struct content *content, unsigned index)
{
        unsigned word = parameters_of(content, PROTO_WORD) + index;
        return tvb_get_letoh64(content->tvb, (int)word * 8);
}

static void bytes_dissect(const struct content *content, int at)
{
        guint64 left = (guint64)tvb_reported_length_remaining(content->tvb, at);
        unsigned count = content->parameters ? parameters_of(content, PROTO_BYTES) : 0;
        for (unsigned i = 0; i < count; i++) {
                guint64 length = bytes_length(content, i);
                if (length > left)
                        break;
                bytes_add(content, parameter_name(content, PROTO_BYTES, i), at, (int)length);
                at += (int)length;
                left -= length;
        }
        if (left)
                bytes_add(content, NULL, at, (int)left);
}

void content_dissect(struct view *view, proto_tree *to, tvbuff_t *tvb,
                     const struct wire_msg *header)
{
        int size = (int)tvb_reported_length(tvb);
        if (size == 0)
                return;
        proto_item *item;
        struct content content = {.view = view, .tvb = tvb, .header = header};
        content.tree = proto_tree_add_subtree_format(to, tvb, 0, size, tree.content, &item,
                                                     "Content: %d bytes", size);
        describe(&content);
        words_dissect(&content);
        int at = header->words * 8;
        for (unsigned i = 0; i < header->caps; i++, at += (int)sizeof(struct wire_capability))
                capability_dissect(&content, i, at);
        bytes_dissect(&content, at);
}
