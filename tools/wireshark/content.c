/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The content of a whole message. If the numbers of words and capabilities are those of the
 * method's description, each is shown by its name, and the bytes are cut into its parameters: their
 * lengths are the words behind the word parameters. If not, all is shown by its place. */
#include "tools/wireshark/arguments.h"
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/exports.h"
#include "tools/wireshark/names.h"
#include "tools/wireshark/rights.h"

#include "kernel/abi/outcome.h"
#include "servers/proto/names.h"

enum {
        TEXT_MAX = 80,       /* bytes shown as text, where nothing says that they are */
        ARGUMENT_MAX = 40,   /* characters of a text in the info column … */
        ARGUMENTS_MAX = 120, /* … and of all, beyond which no more are added */
        SIZE = sizeof(struct wire_capability),
};

/* A message's content and what describes it. */
struct content {
        struct view *view;
        const struct frame_note *note; /* or NULL */
        proto_tree *tree;
        tvbuff_t *tvb;
        const struct wire_msg *header;
        const struct proto_parameter *parameters; /* NULL: there is no description that fits */
        unsigned count;
};

/* Bytes in the content. */
struct place {
        int at, length;
};

static unsigned parameters_of(const struct content *content, enum proto_type type)
{
        unsigned found = 0;
        for (unsigned i = 0; i < content->count; i++)
                found += content->parameters[i].type == type;
        return found;
}

/* The index-th parameter of a type, or NULL. */
static const struct proto_parameter *parameter_find(const struct content *content,
                                                    enum proto_type type, unsigned index)
{
        for (unsigned i = 0; content->parameters && i < content->count; i++)
                if (content->parameters[i].type == type && index-- == 0)
                        return &content->parameters[i];
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

static guint64 word_at(const struct content *content, unsigned index)
{
        return tvb_get_letoh64(content->tvb, (int)index * 8);
}

static struct wire_capability capability_at(const struct content *content, unsigned index)
{
        struct wire_capability capability;
        int at = content->header->words * 8 + (int)index * SIZE;
        wire_capability_decode(tvb_get_ptr(content->tvb, at, SIZE), &capability);
        return capability;
}

/* Where the index-th bytes parameter is, by the lengths in the words; one that goes beyond the
 * content has what is left of it. With an index of their number: what no parameter has. */
static struct place bytes_place(const struct content *content, unsigned index)
{
        unsigned words = content->parameters ? parameters_of(content, PROTO_WORD) : 0;
        struct place place = {content->header->words * 8 + content->header->caps * SIZE, 0};
        for (unsigned i = 0;; i++) {
                int left = (int)tvb_reported_length(content->tvb) - place.at;
                bool rest = !content->parameters || i == parameters_of(content, PROTO_BYTES);
                guint64 length = rest ? (guint64)left : word_at(content, words + i);
                place.length = length > (guint64)left ? left : (int)length;
                if (i == index || rest)
                        return place;
                place.at += place.length;
        }
}

/* --- words ------------------------------------------------------------------------------------ */

static void length_add(const struct content *content, unsigned word,
                       const struct proto_parameter *parameter)
{
        guint64 value = word_at(content, word);
        proto_item *item =
            proto_tree_add_uint64(content->tree, field.word, content->tvb, (int)word * 8, 8, value);
        if (parameter)
                proto_item_set_text(
                    item, "length of %s: %" G_GUINT64_FORMAT " (0x%" G_GINT64_MODIFIER "x)",
                    parameter->name, value, value);
        else
                proto_item_prepend_text(item, "%u: ", word);
}

static void words_dissect(const struct content *content)
{
        unsigned plain = content->parameters ? parameters_of(content, PROTO_WORD) : 0;
        for (unsigned i = 0; i < content->header->words; i++) {
                const struct proto_parameter *word = parameter_find(content, PROTO_WORD, i);
                if (word)
                        proto_tree_add_item(content->tree, argument_field(word), content->tvb,
                                            (int)i * 8, 8, ENC_LITTLE_ENDIAN);
                else
                        length_add(content, i, parameter_find(content, PROTO_BYTES, i - plain));
        }
}

/* --- capabilities ----------------------------------------------------------------------------- */

/* The right that a descriptor names: one of the sender's, or HOME, of the receiver's. */
static const struct export *export_of(const struct content *content,
                                      const struct wire_capability *capability)
{
        return track_export(content->view->note, capability->kind != CAPABILITY_HOME,
                            capability->export_id, capability->generation);
}

static const char *capability_text(const struct content *content,
                                   const struct wire_capability *capability)
{
        wmem_allocator_t *pool = content->view->pinfo->pool;
        const char *kind = wire_capability_name(capability->kind);
        if (capability->kind == CAPABILITY_NONE)
                return capability->detail
                           ? wmem_strdup_printf(pool, "none (%s)", reason_text(capability->detail))
                           : kind;
        const struct export *export = export_of(content, capability);
        const char *name = export ? export->name : NULL;
        return wmem_strdup_printf(pool, "%s %u.%u%s%s", kind, capability->export_id,
                                  capability->generation, name ? " " : "", name ? name : "");
}

static void capability_dissect(const struct content *content, unsigned index, int at)
{
        static const struct cell cells[] = {WIRE_CAPABILITY_FIELDS(CELL)};
        struct wire_capability capability;
        enum wire_error error =
            wire_capability_decode(tvb_get_ptr(content->tvb, at, SIZE), &capability);
        wmem_allocator_t *pool = content->view->pinfo->pool;
        const struct proto_parameter *parameter = parameter_find(content, PROTO_CAP, index);
        if (!error && content->note)
                track_capability(content->view->pinfo, content->view->note, content->note,
                                 &capability, parameter ? parameter->name : NULL);
        const char *text = capability_text(content, &capability);
        proto_item *item = proto_tree_add_string_format(
            content->tree, field.capability, content->tvb, at, SIZE, text, "%s: %s",
            parameter ? parameter->name : wmem_strdup_printf(pool, "Capability %u", index), text);
        proto_tree *to = proto_item_add_subtree(item, tree.capability);
        if (parameter)
                proto_item_set_hidden(proto_tree_add_string(to, argument_field(parameter),
                                                            content->tvb, at, SIZE, text));
        CELLS_ADD(to, content->tvb, at, cells);
        int detail_at = at + (int)offsetof(struct wire_capability, detail);
        if (capability.kind == CAPABILITY_SEND || capability.kind == CAPABILITY_EVENT ||
            capability.kind == CAPABILITY_MEMORY)
                rights_add(to, content->tvb, detail_at);
        else if (capability.kind == CAPABILITY_NONE && capability.detail)
                proto_tree_add_item(to, field.reason, content->tvb, detail_at, 2,
                                    ENC_LITTLE_ENDIAN);
        if (error)
                malformed_add(content->view, item, wire_error_name(error));
}

/* --- bytes ------------------------------------------------------------------------------------ */

static bool is_text(tvbuff_t *tvb, struct place place)
{
        if (place.length == 0)
                return true;
        const char *bytes = (const char *)tvb_get_ptr(tvb, place.at, place.length);
        return g_utf8_validate(bytes, place.length, NULL) &&
               !memchr(bytes, 0, (size_t)place.length);
}

static const char *text_at(const struct content *content, struct place place)
{
        return tvb_format_text(content->view->pinfo->pool, content->tvb, place.at, place.length);
}

static const char *bytes_text(const struct content *content, struct place place)
{
        wmem_allocator_t *pool = content->view->pinfo->pool;
        if (place.length == 0)
                return "none";
        if (place.length <= TEXT_MAX && is_text(content->tvb, place))
                return wmem_strdup_printf(pool, "\"%s\"", text_at(content, place));
        return wmem_strdup_printf(pool, "%d bytes", place.length);
}

/* Any bytes are found by portolan.bytes, too. */
static void bytes_add(const struct content *content, const struct proto_parameter *parameter,
                      struct place place)
{
        proto_item *item = proto_tree_add_item(content->tree, field.bytes, content->tvb, place.at,
                                               place.length, ENC_NA);
        proto_item_set_text(item, "%s: %s", parameter ? parameter->name : "Bytes",
                            bytes_text(content, place));
        if (!parameter)
                return;
        proto_item_set_hidden(item);
        item = proto_tree_add_item(content->tree, argument_field(parameter), content->tvb, place.at,
                                   place.length, parameter->text ? ENC_UTF_8 : ENC_NA);
        proto_item_set_text(item, "%s: %s", parameter->name, bytes_text(content, place));
}

static void bytes_dissect(const struct content *content)
{
        unsigned count = content->parameters ? parameters_of(content, PROTO_BYTES) : 0;
        for (unsigned i = 0; i < count; i++) {
                const struct proto_parameter *parameter = parameter_find(content, PROTO_BYTES, i);
                struct place place = bytes_place(content, i);
                bytes_add(content, parameter, place);
                if (content->note && parameter->text && is_text(content->tvb, place))
                        track_subject(content->view->pinfo, content->note, text_at(content, place));
        }
        struct place rest = bytes_place(content, count);
        if (rest.length)
                bytes_add(content, NULL, rest);
}

/* --- info column ------------------------------------------------------------------------------ */

static const char *text_short(const struct content *content, struct place place)
{
        wmem_allocator_t *pool = content->view->pinfo->pool;
        const char *text = text_at(content, place);
        if (g_utf8_strlen(text, -1) <= ARGUMENT_MAX)
                return wmem_strdup_printf(pool, "\"%s\"", text);
        int length = (int)(g_utf8_offset_to_pointer(text, ARGUMENT_MAX) - text);
        return wmem_strdup_printf(pool, "\"%.*s…\"", length, text);
}

/* The index-th argument of its type. */
static const char *argument_text(const struct content *content,
                                 const struct proto_parameter *parameter, unsigned index)
{
        wmem_allocator_t *pool = content->view->pinfo->pool;
        if (parameter->type == PROTO_WORD)
                return wmem_strdup_printf(pool, "%" G_GUINT64_FORMAT, word_at(content, index));
        if (parameter->type == PROTO_CAP) {
                struct wire_capability capability = capability_at(content, index);
                return capability.kind == CAPABILITY_NONE
                           ? "none"
                           : wmem_strdup_printf(pool, "%u.%u", capability.export_id,
                                                capability.generation);
        }
        struct place place = bytes_place(content, index);
        return parameter->text && is_text(content->tvb, place)
                   ? text_short(content, place)
                   : wmem_strdup_printf(pool, "%d bytes", place.length);
}

/* "path="README.md" flags=0", in the order of the description. */
static void arguments_write(const struct content *content)
{
        wmem_strbuf_t *text = content->view->arguments;
        unsigned index[] = {[PROTO_WORD] = 0, [PROTO_BYTES] = 0, [PROTO_CAP] = 0};
        for (unsigned i = 0; content->parameters && i < content->count; i++) {
                const struct proto_parameter *parameter = &content->parameters[i];
                if (wmem_strbuf_get_len(text) > ARGUMENTS_MAX) {
                        wmem_strbuf_append(text, " …");
                        return;
                }
                wmem_strbuf_append_printf(
                    text, " %s=%s", parameter->name,
                    argument_text(content, parameter, index[parameter->type]++));
        }
}

void content_dissect(struct view *view, proto_tree *to, tvbuff_t *tvb,
                     const struct wire_msg *header, const struct frame_note *note)
{
        int size = (int)tvb_reported_length(tvb);
        if (size == 0)
                return;
        proto_item *item;
        struct content content = {.view = view, .note = note, .tvb = tvb, .header = header};
        content.tree = proto_tree_add_subtree_format(to, tvb, 0, size, tree.content, &item,
                                                     "Content: %d bytes", size);
        describe(&content);
        words_dissect(&content);
        for (unsigned i = 0; i < header->caps; i++)
                capability_dissect(&content, i, header->words * 8 + (int)i * SIZE);
        bytes_dissect(&content);
        arguments_write(&content);
}
