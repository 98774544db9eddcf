/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The content of a whole message. If the numbers of words and capabilities are those of the
 * method's description, each is shown by its name, and the bytes are cut into its parameters
 * (servers/rt/message/shape.h has the order). If not, all is shown by its place. A record in the
 * bytes is content again: words and bytes that its description names. */
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
        PARTS_MAX = 16,
        RECORD_HEAD = 8, /* bytes in front of a record's words (servers/rt/message/record.h) */
};

/* Bytes in the content. */
struct place {
        int at, length;
};

/* A parameter of the description, and where it is. */
struct part {
        const struct proto_parameter *parameter;
        bool given;
        unsigned index;     /* of its word, of its length's word, or of its capability */
        struct place bytes; /* of bytes */
};

/* A message's content, or a record's, and what describes it. */
struct content {
        struct view *view;
        const struct frame_note *note; /* or NULL */
        proto_tree *tree;
        tvbuff_t *tvb;
        unsigned words, caps;
        bool described;
        unsigned count;
        struct part parts[PARTS_MAX];
        unsigned mask; /* the word that says what is optional and given; `words`: there is none */
        struct place rest; /* bytes of no parameter */
};

static guint64 word_at(const struct content *content, unsigned index)
{
        return tvb_get_letoh64(content->tvb, (int)index * 8);
}

static struct wire_capability capability_at(const struct content *content, unsigned index)
{
        struct wire_capability capability;
        int at = (int)content->words * 8 + (int)index * SIZE;
        wire_capability_decode(tvb_get_ptr(content->tvb, at, SIZE), &capability);
        return capability;
}

/* --- description ------------------------------------------------------------------------------ */

static unsigned required_of(const struct proto_parameter *parameters, unsigned count,
                            enum proto_type type)
{
        unsigned found = 0;
        for (unsigned i = 0; i < count; i++)
                found += parameters[i].type == type && !parameters[i].optional;
        return found;
}

/* Whether the numbers of words and capabilities are those of the parameters. */
static bool fits(struct content *content, const struct proto_parameter *parameters, unsigned count)
{
        unsigned base = required_of(parameters, count, PROTO_WORD) +
                        required_of(parameters, count, PROTO_BYTES);
        content->mask = content->words;
        if (count > PARTS_MAX || required_of(parameters, count, PROTO_CAP) != content->caps ||
            content->words < base)
                return false;
        if (content->words == base)
                return true;
        content->mask = base;
        return (unsigned)__builtin_popcountll(word_at(content, base)) == content->words - base - 1;
}

/* Takes the next `length` bytes of what is left. */
static struct place bytes_take(struct content *content, guint64 length)
{
        struct place place = {content->rest.at, content->rest.length};
        if (length < (guint64)place.length)
                place.length = (int)length;
        content->rest.at += place.length;
        content->rest.length -= place.length;
        return place;
}

static void describe(struct content *content, const struct proto_parameter *parameters,
                     unsigned count)
{
        int behind = (int)content->words * 8 + (int)content->caps * SIZE;
        content->rest = (struct place){behind, (int)tvb_reported_length(content->tvb) - behind};
        content->described = parameters && fits(content, parameters, count);
        if (!content->described) {
                content->mask = content->words;
                return;
        }
        guint64 mask = content->mask < content->words ? word_at(content, content->mask) : 0;
        unsigned next[] = {[PROTO_WORD] = 0,
                           [PROTO_BYTES] = required_of(parameters, count, PROTO_WORD),
                           [PROTO_CAP] = 0};
        unsigned optional = 0, optional_word = content->mask + 1;
        for (unsigned i = 0; i < count; i++) {
                struct part *part = &content->parts[content->count++];
                *part = (struct part){.parameter = &parameters[i], .given = true};
                if (parameters[i].optional) {
                        part->given = mask >> optional++ & 1;
                        part->index = optional_word;
                        optional_word += part->given;
                } else {
                        part->index = next[parameters[i].type]++;
                }
                if (part->given && parameters[i].type == PROTO_BYTES)
                        part->bytes = bytes_take(content, word_at(content, part->index));
        }
}

static void describe_message(struct content *content, const struct wire_msg *header)
{
        const struct proto_method *method = method_find(header->interface, header->method);
        bool reply = header->flags & MSG_FLAG_REPLY;
        if (method)
                describe(content, reply ? method->out : method->in,
                         reply ? method->out_count : method->in_count);
        else
                describe(content, NULL, 0);
}

/* The part whose word, or whose capability, that is; or NULL. */
static const struct part *part_of(const struct content *content, bool cap, unsigned index)
{
        for (unsigned i = 0; i < content->count; i++) {
                const struct part *part = &content->parts[i];
                if (part->given && part->index == index &&
                    (part->parameter->type == PROTO_CAP) == cap)
                        return part;
        }
        return NULL;
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

/* The names of the optional parameters that are given. */
static void mask_add(const struct content *content)
{
        wmem_strbuf_t *names = wmem_strbuf_new(content->view->pinfo->pool, "given:");
        for (unsigned i = 0; i < content->count; i++)
                if (content->parts[i].parameter->optional && content->parts[i].given)
                        wmem_strbuf_append_printf(names, " %s", content->parts[i].parameter->name);
        proto_item *item =
            proto_tree_add_uint64(content->tree, field.word, content->tvb, (int)content->mask * 8,
                                  8, word_at(content, content->mask));
        proto_item_set_text(item, "%s", wmem_strbuf_get_str(names));
}

static void words_dissect(const struct content *content)
{
        for (unsigned i = 0; i < content->words; i++) {
                const struct part *part = part_of(content, false, i);
                if (part && part->parameter->type == PROTO_WORD)
                        proto_tree_add_item(content->tree, argument_field(part->parameter),
                                            content->tvb, (int)i * 8, 8, ENC_LITTLE_ENDIAN);
                else if (i == content->mask)
                        mask_add(content);
                else
                        length_add(content, i, part ? part->parameter : NULL);
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
        const struct part *part = part_of(content, true, index);
        const struct proto_parameter *parameter = part ? part->parameter : NULL;
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

static const char *value_text(const struct content *content,
                              const struct proto_parameter *parameter, guint64 value)
{
        wmem_allocator_t *pool = content->view->pinfo->pool;
        for (unsigned i = 0; parameter->values && i < parameter->values->count; i++)
                if (parameter->values->values[i].number == value)
                        return parameter->values->values[i].name;
        return wmem_strdup_printf(pool, "%" G_GUINT64_FORMAT, value);
}

static void bytes_dissect(const struct content *content);

/* A record at the beginning of a place; returns its bytes, 0: it is none. */
static int record_add(const struct content *content, proto_tree *to,
                      const struct proto_parameter *parameter, struct place place)
{
        struct content record = *content;
        proto_item *item;
        const char *name = parameter->record ? parameter->record->name : parameter->name;
        if (place.length < RECORD_HEAD)
                return 0;
        guint32 bytes = tvb_get_letohl(content->tvb, place.at);
        record.words = tvb_get_letohs(content->tvb, place.at + 4);
        if (record.words > PARTS_MAX || bytes > (guint32)place.length ||
            RECORD_HEAD + record.words * 8 + bytes > (guint32)place.length)
                return 0;
        int body = (int)(record.words * 8 + bytes);
        record.tvb = tvb_new_subset_length(content->tvb, place.at + RECORD_HEAD, body);
        record.caps = record.count = 0;
        record.note = NULL;
        record.tree = proto_tree_add_subtree(to, content->tvb, place.at, RECORD_HEAD + body,
                                             tree.record, &item, name);
        if (parameter->record)
                describe(&record, parameter->record->fields, parameter->record->count);
        else /* an element that is bytes alone */
                describe(&record, NULL, 0);
        words_dissect(&record);
        bytes_dissect(&record);
        return MIN(RECORD_HEAD + (body + 7) / 8 * 8, place.length);
}

/* The elements of a list, or the one record. */
static void elements_add(const struct content *content, proto_tree *to,
                         const struct proto_parameter *parameter, struct place place)
{
        bool words = parameter->list_most && parameter->element == PROTO_WORD;
        while (place.length > 0) {
                int length = words ? 8 : record_add(content, to, parameter, place);
                if (length == 0 || length > place.length) {
                        proto_tree_add_item(to, field.bytes, content->tvb, place.at, place.length,
                                            ENC_NA);
                        return;
                }
                if (words) {
                        guint64 value = tvb_get_letoh64(content->tvb, place.at);
                        proto_item *item = proto_tree_add_uint64(to, field.word, content->tvb,
                                                                 place.at, length, value);
                        proto_item_set_text(item, "%s", value_text(content, parameter, value));
                }
                place.at += length;
                place.length -= length;
        }
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
        if (parameter->record || parameter->list_most)
                elements_add(content, proto_item_add_subtree(item, tree.record), parameter, place);
}

static void bytes_dissect(const struct content *content)
{
        for (unsigned i = 0; i < content->count; i++) {
                const struct part *part = &content->parts[i];
                const struct proto_parameter *parameter = part->parameter;
                if (!part->given || parameter->type != PROTO_BYTES)
                        continue;
                bytes_add(content, parameter, part->bytes);
                if (content->note && parameter->text && !parameter->list_most &&
                    is_text(content->tvb, part->bytes))
                        track_subject(content->view->pinfo, content->note,
                                      text_at(content, part->bytes));
        }
        if (content->rest.length > 0)
                bytes_add(content, NULL, content->rest);
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

static const char *argument_text(const struct content *content, const struct part *part)
{
        const struct proto_parameter *parameter = part->parameter;
        wmem_allocator_t *pool = content->view->pinfo->pool;
        if (parameter->type == PROTO_WORD)
                return value_text(content, parameter, word_at(content, part->index));
        if (parameter->type == PROTO_CAP) {
                struct wire_capability capability = capability_at(content, part->index);
                return capability.kind == CAPABILITY_NONE
                           ? "none"
                           : wmem_strdup_printf(pool, "%u.%u", capability.export_id,
                                                capability.generation);
        }
        return parameter->text && !parameter->list_most && is_text(content->tvb, part->bytes)
                   ? text_short(content, part->bytes)
                   : wmem_strdup_printf(pool, "%d bytes", part->bytes.length);
}

/* "path="README.md" flags=0", in the order of the description. */
static void arguments_write(const struct content *content)
{
        wmem_strbuf_t *text = content->view->arguments;
        for (unsigned i = 0; i < content->count; i++) {
                const struct part *part = &content->parts[i];
                if (!part->given)
                        continue;
                if (wmem_strbuf_get_len(text) > ARGUMENTS_MAX) {
                        wmem_strbuf_append(text, " …");
                        return;
                }
                wmem_strbuf_append_printf(text, " %s=%s", part->parameter->name,
                                          argument_text(content, part));
        }
}

void content_dissect(struct view *view, proto_tree *to, tvbuff_t *tvb,
                     const struct wire_msg *header, const struct frame_note *note)
{
        int size = (int)tvb_reported_length(tvb);
        if (size == 0)
                return;
        proto_item *item;
        struct content content = {
            .view = view, .note = note, .tvb = tvb, .words = header->words, .caps = header->caps};
        content.tree = proto_tree_add_subtree_format(to, tvb, 0, size, tree.content, &item,
                                                     "Content: %d bytes", size);
        describe_message(&content, header);
        words_dissect(&content);
        for (unsigned i = 0; i < content.caps; i++)
                capability_dissect(&content, i, (int)content.words * 8 + (int)i * SIZE);
        bytes_dissect(&content);
        arguments_write(&content);
}
