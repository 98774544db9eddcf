/* See described.h. A record is typed and shown as the parameters of a message are: it is one in
 * bytes. */
#include "servers/shell/commands/described.h"

#include <stdlib.h>
#include <string.h>
#include "servers/proto/files.h"
#include "servers/rt/pure/visible.h"
#include "servers/shell/commands/binding.h"

enum { PACKED_BYTES = 4096, ELEMENTS = 64 };

unsigned described_required(struct described described)
{
        unsigned count = 0;
        for (unsigned i = 0; i < described.count; i++)
                count += !described.list[i].optional;
        return count;
}

static unsigned required_of(struct described described, enum proto_type type)
{
        unsigned count = 0;
        for (unsigned i = 0; i < described.count; i++)
                count += described.list[i].type == type && !described.list[i].optional;
        return count;
}

static unsigned base_of(struct described described)
{
        return required_of(described, PROTO_WORD) + required_of(described, PROTO_BYTES);
}

static struct shape shape_of(struct described described)
{
        struct shape shape = {.words = (uint8_t)required_of(described, PROTO_WORD),
                              .buffers = (uint8_t)required_of(described, PROTO_BYTES),
                              .caps = (uint8_t)required_of(described, PROTO_CAP)};
        for (unsigned i = 0; i < described.count; i++) {
                if (!described.list[i].optional)
                        continue;
                if (described.list[i].type == PROTO_BYTES)
                        shape.optional_buffers |= (uint8_t)(1u << shape.optionals);
                shape.optionals++;
        }
        return shape;
}

static struct described fields_of(const struct proto_record *record)
{
        return (struct described){record->fields, record->count};
}

/* ---- typed ---- */

/* The capability that a text names: the caller's. */
static outcome_t cap_named(const char *name, handle_t *cap)
{
        uint64_t size;
        return name[0] == '/' ? path_open(name, FS_OPEN_READ, cap, &size) : bind_service(name, cap);
}

static int word_parse(struct job *job, const struct proto_enum *values, const char *text,
                      uint64_t *word)
{
        for (unsigned i = 0; values && i < values->count; i++)
                if (strcmp(values->values[i].name, text) == 0) {
                        *word = values->values[i].number;
                        return STATUS_OK;
                }
        if (number_parse(text, UINT64_MAX, word))
                return STATUS_OK;
        if (!values)
                return job_complain(job, "%s: not a number", text);
        job_print(job, "%s: %s: none of", job->name, text);
        for (unsigned i = 0; i < values->count; i++)
                job_print(job, " %s", values->values[i].name);
        job_print(job, "\n");
        return STATUS_FAILED;
}

/* Cuts a text at a separator, in place; an empty text has no parts. The number of parts, at most
 * ELEMENTS. */
static unsigned cut(char *text, char separator, char **parts)
{
        unsigned count = 0;
        while (*text && count < ELEMENTS) {
                parts[count++] = text;
                char *end = strchr(text, separator);
                if (!end)
                        break;
                *end = 0;
                text = end + 1;
        }
        return count;
}

static int record_pack(struct job *job, struct packer *packer, const struct proto_record *record,
                       char *text)
{
        char *parts[ELEMENTS];
        struct composed fields = {0};
        int status = compose(job, &fields, fields_of(record), parts, cut(text, ',', parts));
        if (status == STATUS_OK && !pack_record(packer, &fields.message))
                status = job_complain(job, "%s: too long", record->name);
        return status;
}

static int element_pack(struct job *job, struct packer *packer,
                        const struct proto_parameter *parameter, char *text)
{
        if (parameter->record)
                return record_pack(job, packer, parameter->record, text);
        uint64_t word = 0;
        bool packed;
        if (parameter->element == PROTO_WORD) {
                int status = word_parse(job, parameter->values, text, &word);
                if (status != STATUS_OK)
                        return status;
                packed = pack_word(packer, word);
        } else {
                packed = pack_bytes(packer, text, strlen(text));
        }
        return packed ? STATUS_OK : job_complain(job, "%s: too long", parameter->name);
}

/* Bytes as they are typed, or as they are packed. */
static int bytes_parse(struct job *job, struct composed *composed,
                       const struct proto_parameter *parameter, char *text,
                       struct message_buffer *bytes)
{
        char *parts[ELEMENTS] = {text};
        unsigned count = 1;
        int status = STATUS_OK;
        *bytes = (struct message_buffer){(uint64_t)text, strlen(text)};
        if (!parameter->record && !parameter->list_most)
                return STATUS_OK;
        struct packer packer = packer_of(malloc(PACKED_BYTES), PACKED_BYTES);
        if (!packer.bytes)
                return job_fail(job, parameter->name, not_executed(REASON_NO_MEMORY));
        composed->packed[composed->packed_count++] = packer.bytes;
        if (parameter->list_most)
                count = cut(text, ';', parts);
        for (unsigned i = 0; i < count && status == STATUS_OK; i++)
                status = element_pack(job, &packer, parameter, parts[i]);
        *bytes = (struct message_buffer){(uint64_t)packer.bytes, packer.length};
        return status;
}

static int cap_put(struct job *job, struct message *message, const char *text)
{
        handle_t cap;
        outcome_t outcome = cap_named(text, &cap);
        if (outcome != OUTCOME_OK)
                return job_fail(job, text, outcome);
        message->caps[message->cap_count++] = cap_copy(cap);
        return STATUS_OK;
}

/* The words of all numbers come before the lengths of texts, so there is one round for each type.
 */
static int required_put(struct job *job, struct composed *composed,
                        const struct proto_parameter *parameter, char *text)
{
        struct message *message = &composed->message;
        struct message_buffer bytes;
        uint64_t word = 0;
        int status = STATUS_OK;
        switch (parameter->type) {
        case PROTO_WORD:
                status = word_parse(job, parameter->values, text, &word);
                message->words[message->word_count++] = word;
                break;
        case PROTO_BYTES:
                status = bytes_parse(job, composed, parameter, text, &bytes);
                message->words[message->word_count++] = bytes.length;
                message->buffers[message->buffer_count++] = bytes;
                break;
        case PROTO_CAP:
                status = cap_put(job, message, text);
                break;
        }
        return status;
}

/* What is typed for a parameter as NAME=VALUE, or NULL. */
static char *optional_text(const struct proto_parameter *parameter, char *const *texts,
                           unsigned count)
{
        size_t length = strlen(parameter->name);
        for (unsigned i = 0; i < count; i++)
                if (strncmp(texts[i], parameter->name, length) == 0 && texts[i][length] == '=')
                        return texts[i] + length + 1;
        return NULL;
}

static int optionals_put(struct job *job, struct composed *composed, struct described described,
                         char *const *texts, unsigned count)
{
        unsigned index = 0, taken = 0, base = base_of(described);
        int status = STATUS_OK;
        for (unsigned i = 0; i < described.count && status == STATUS_OK; i++) {
                const struct proto_parameter *parameter = &described.list[i];
                if (!parameter->optional)
                        continue;
                char *text = optional_text(parameter, texts, count);
                struct optional_word word = {.given = text};
                struct message_buffer bytes = {0};
                if (text && parameter->type == PROTO_WORD)
                        status = word_parse(job, parameter->values, text, &word.word);
                else if (text)
                        status = bytes_parse(job, composed, parameter, text, &bytes);
                if (parameter->type == PROTO_WORD)
                        message_optional(&composed->message, base, index, word);
                else
                        message_optional_bytes(&composed->message, base, index,
                                               (const void *)bytes.address, bytes.length);
                taken += text ? 1 : 0;
                index++;
        }
        if (status == STATUS_OK && taken < count)
                return job_complain(job, "no such optional parameter, or twice the same");
        return status;
}

int compose(struct job *job, struct composed *composed, struct described described,
            char *const *texts, unsigned count)
{
        static const enum proto_type order[] = {PROTO_WORD, PROTO_BYTES, PROTO_CAP};
        unsigned required = described_required(described);
        int status = STATUS_OK;
        if (count < required)
                return job_complain(job, "too few values");
        for (size_t round = 0; round < sizeof order / sizeof order[0]; round++)
                for (unsigned i = 0; i < required && status == STATUS_OK; i++)
                        if (described.list[i].type == order[round])
                                status = required_put(job, composed, &described.list[i], texts[i]);
        if (status != STATUS_OK)
                return status;
        return optionals_put(job, composed, described, texts + required, count - required);
}

void composed_close(struct composed *composed)
{
        for (unsigned i = 0; i < composed->message.cap_count; i++)
                sys_handle_close(composed->message.caps[i].handle);
        for (unsigned i = 0; i < composed->packed_count; i++)
                free(composed->packed[i]);
}

/* ---- shown ---- */

/* Prints text as it is, newlines included, and every other byte unambiguously. */
static void bytes_print(struct job *job, const char *bytes, size_t length)
{
        for (size_t at = 0; at < length;) {
                char shown[VISIBLE_MOST];
                size_t used;
                if (bytes[at] == '\n' || bytes[at] == '\t') {
                        job_write(job, bytes + at++, 1);
                        continue;
                }
                if (bytes[at] == '\\')
                        job_write(job, "\\", 1);
                at += visible_next(bytes + at, length - at, shown, &used);
                job_write(job, shown, used);
        }
}

static void word_print(struct job *job, const struct proto_enum *values, uint64_t word)
{
        for (unsigned i = 0; values && i < values->count; i++)
                if (values->values[i].number == word) {
                        job_print(job, "%s", values->values[i].name);
                        return;
                }
        job_print(job, "%llu", (unsigned long long)word);
}

static const char *object_text(unsigned type)
{
        static const char *const texts[] = {
            [OBJECT_ACCOUNT] = "an account", [OBJECT_TASK] = "a task",
            [OBJECT_THREAD] = "a thread",    [OBJECT_PORT] = "a port",
            [OBJECT_RIGHT] = "a send right", [OBJECT_REPLY] = "a reply right",
            [OBJECT_CALL] = "a call",        [OBJECT_EVENT] = "an event",
            [OBJECT_MEMORY] = "memory",      [OBJECT_INTERRUPT] = "an interrupt",
            [OBJECT_IOPORT] = "I/O ports",   [OBJECT_HARDWARE] = "the hardware",
        };
        return type < sizeof texts / sizeof texts[0] && texts[type] ? texts[type] : "none";
}

/* Values that came, checked: of an answer, or of a record in it. */
struct shown {
        const uint64_t *words;
        unsigned word_count;
        const uint8_t *bytes;
        const struct received_cap *caps;
};

/* The value of one parameter, taken from those. */
struct taken {
        bool given;
        uint64_t word; /* or the length */
        const void *bytes;
        const struct received_cap *cap;
};

/* Goes over the values in the order of the description. */
struct walk {
        struct shown from;
        unsigned base, word, length, cap, optional;
        const uint8_t *next;
};

static struct walk walk_of(struct described described, struct shown from)
{
        return (struct walk){.from = from,
                             .base = base_of(described),
                             .length = required_of(described, PROTO_WORD),
                             .next = from.bytes};
}

static struct taken walk_take(struct walk *walk, const struct proto_parameter *parameter)
{
        const struct shown *from = &walk->from;
        struct taken taken = {.given = true};
        if (parameter->optional) {
                struct optional_word word =
                    optional_at(from->words, from->word_count, walk->base, walk->optional++);
                taken.given = word.given;
                taken.word = word.word;
        } else if (parameter->type == PROTO_CAP) {
                taken.cap = &from->caps[walk->cap++];
        } else {
                taken.word =
                    from->words[parameter->type == PROTO_WORD ? walk->word++ : walk->length++];
        }
        if (parameter->type == PROTO_BYTES && taken.given) {
                taken.bytes = walk->next;
                walk->next += taken.word;
        }
        return taken;
}

static void record_print(struct job *job, const struct proto_record *record,
                         const struct unpacked *unpacked);

/* Takes the next element and shows it (job: NULL, only looks at it). False: it is none. */
static bool element_next(struct job *job, struct unpacker *from,
                         const struct proto_parameter *parameter)
{
        struct unpacked record;
        const void *bytes;
        size_t length;
        uint64_t word;
        if (parameter->record) {
                if (!unpack_record(from, shape_of(fields_of(parameter->record)), &record))
                        return false;
                if (job)
                        record_print(job, parameter->record, &record);
        } else if (parameter->element == PROTO_WORD) {
                if (!unpack_word(from, &word))
                        return false;
                if (job)
                        word_print(job, parameter->values, word);
        } else {
                if (!unpack_bytes(from, &bytes, &length))
                        return false;
                if (job)
                        bytes_print(job, bytes, length);
        }
        return true;
}

static void value_print(struct job *job, const struct proto_parameter *parameter,
                        const struct taken *taken)
{
        if (parameter->type == PROTO_CAP) {
                job_print(job, "%s, closed again", object_text(taken->cap->type));
        } else if (parameter->type == PROTO_WORD) {
                word_print(job, parameter->values, taken->word);
        } else if (!parameter->record && !parameter->list_most) {
                bytes_print(job, taken->bytes, taken->word);
        } else {
                struct unpacker from = unpacker_of(taken->bytes, taken->word);
                while (from.left) {
                        if (parameter->list_most)
                                job_print(job, "\n  ");
                        if (!element_next(job, &from, parameter))
                                break;
                }
        }
}

/* name=pear size=9 */
static void record_print(struct job *job, const struct proto_record *record,
                         const struct unpacked *unpacked)
{
        struct described fields = fields_of(record);
        struct walk walk = walk_of(
            fields, (struct shown){unpacked->words, unpacked->word_count, unpacked->bytes, NULL});
        const char *between = "";
        for (unsigned i = 0; i < fields.count; i++) {
                struct taken taken = walk_take(&walk, &fields.list[i]);
                if (!taken.given)
                        continue;
                job_print(job, "%s%s=", between, fields.list[i].name);
                value_print(job, &fields.list[i], &taken);
                between = " ";
        }
}

/* Whether lists and records are what is described. */
static bool elements_check_all(struct described described, struct shown shown)
{
        struct walk walk = walk_of(described, shown);
        for (unsigned i = 0; i < described.count; i++) {
                const struct proto_parameter *parameter = &described.list[i];
                struct taken taken = walk_take(&walk, parameter);
                if (!taken.given || (!parameter->record && !parameter->list_most))
                        continue;
                struct unpacker from = unpacker_of(taken.bytes, taken.word);
                unsigned most = parameter->list_most ? parameter->list_most : 1, count = 0;
                for (; from.left; count++)
                        if (count == most || !element_next(NULL, &from, parameter))
                                return false;
                if (!parameter->list_most && count != 1)
                        return false;
        }
        return true;
}

bool described_print(struct job *job, struct described described, const struct arrival *answer)
{
        struct shown shown = {answer->words, answer->word_count, answer->buffer, answer->caps};
        if (!parameters_check(answer->words, answer->word_count, answer->cap_count, answer->bytes,
                              shape_of(described)) ||
            !elements_check_all(described, shown))
                return false;
        struct walk walk = walk_of(described, shown);
        for (unsigned i = 0; i < described.count; i++) {
                struct taken taken = walk_take(&walk, &described.list[i]);
                if (!taken.given)
                        continue;
                job_print(job, "%s: ", described.list[i].name);
                value_print(job, &described.list[i], &taken);
                job_print(job, "\n");
        }
        return true;
}
