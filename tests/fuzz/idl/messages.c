/* Any bytes as a request to generated code, and as the answer to it: the handlers and the caller
 * read all that they were given, to its last byte, which the sanitizers see. What a record gives is
 * packed again, and must come back the same.
 *
 * The input: method, number of words, number of capabilities, flags; the words; the bytes. Flags:
 * 1, a request, else an answer; 2, a `store` that is right, in which pairs of the bytes say what to
 * damage, since no search finds a right one. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/sample.h"

enum { HEAD = 4, CALL = 7 };

static struct {
        const uint8_t *bytes;
        size_t length;
        struct message shape; /* words and capabilities of the answer */
} input;

static volatile unsigned seen; /* what is read is used */

static void bytes_read(const void *bytes, size_t length)
{
        for (size_t i = 0; i < length; i++)
                seen += ((const uint8_t *)bytes)[i];
}

static bool same_bytes(const void *a, size_t a_length, const void *b, size_t b_length)
{
        return !a == !b && a_length == b_length && (!a_length || memcmp(a, b, a_length) == 0);
}

static void entry_read(const struct sample_entry *entry)
{
        static uint8_t bytes[RECORD_BYTES_MAX];
        struct packer packer = packer_of(bytes, sizeof bytes);
        struct sample_entry again;
        bytes_read(entry->name, entry->name_length);
        bytes_read(entry->note, entry->note_length);
        if (!sample_mood_is(entry->mood) || !sample_entry_pack(&packer, entry))
                abort();
        struct unpacker unpacker = unpacker_of(bytes, packer.length);
        if (!sample_entry_next(&unpacker, &again) || unpacker.left ||
            !same_bytes(entry->name, entry->name_length, again.name, again.name_length) ||
            !same_bytes(entry->note, entry->note_length, again.note, again.note_length) ||
            entry->size != again.size || entry->age.given != again.age.given ||
            entry->age.word != again.age.word)
                abort();
}

/* At most `most` of them, and nothing behind the last one. */
static void entries_read(const void *bytes, size_t length, unsigned most)
{
        struct unpacker unpacker = unpacker_of(bytes, length);
        struct sample_entry entry;
        for (; sample_entry_next(&unpacker, &entry); most--) {
                if (most == 0)
                        abort();
                entry_read(&entry);
                if ((const uint8_t *)entry.name + entry.name_length >
                    (const uint8_t *)bytes + length)
                        abort();
        }
        if (unpacker.left)
                abort();
}

/* ---- the server ---- */

static outcome_t take_name(struct request *request, const void *name, size_t name_length,
                           uint64_t number, const void **name_out, size_t *name_out_length,
                           uint64_t *number_out)
{
        (void)request, (void)number, (void)name_out, (void)name_out_length, (void)number_out;
        bytes_read(name, name_length);
        return OUTCOME_OK;
}

static outcome_t join(struct request *request, const void *first, size_t first_length,
                      const void *second, size_t second_length, const void **whole,
                      size_t *whole_length)
{
        (void)request, (void)whole, (void)whole_length;
        bytes_read(first, first_length);
        bytes_read(second, second_length);
        return OUTCOME_OK;
}

static void tell(struct request *request, const void *what, size_t what_length, uint64_t number)
{
        (void)request, (void)number;
        bytes_read(what, what_length);
}

static outcome_t feel(struct request *request, uint64_t mood, uint64_t *mood_out)
{
        (void)request, (void)mood_out;
        if (!sample_mood_is(mood))
                abort();
        return OUTCOME_OK;
}

static outcome_t store(struct request *request, const void *entry, size_t entry_length,
                       const void *tags, size_t tags_length, const void *moods, size_t moods_length,
                       const void *numbers, size_t numbers_length, uint64_t *count)
{
        (void)request, (void)count;
        const void *tag;
        size_t length;
        uint64_t word;
        entries_read(entry, entry_length, 1);
        struct unpacker unpacker = unpacker_of(tags, tags_length);
        while (unpack_bytes(&unpacker, &tag, &length))
                bytes_read(tag, length);
        if (unpacker.left || moods_length % 8 || numbers_length % 8 || numbers_length > 16)
                abort();
        for (unpacker = unpacker_of(moods, moods_length); unpack_word(&unpacker, &word);)
                if (!sample_mood_is(word))
                        abort();

        bytes_read(numbers, numbers_length);
        return OUTCOME_OK;
}

static outcome_t ask(struct request *request, uint64_t a, struct optional_word b, const void *c,
                     size_t c_length, struct optional_word mood, uint64_t *sum,
                     struct optional_word *rest)
{
        (void)request, (void)sum, (void)rest;
        bytes_read(c, c_length);
        if ((!c && c_length) || (mood.given && !sample_mood_is(mood.word)))
                abort();
        seen += (unsigned)(a + b.word);
        return OUTCOME_OK;
}

static const struct sample_server handlers = {
    .register_ = take_name, .join = join, .tell = tell, .feel = feel, .store = store, .ask = ask};

/* ---- what the generated code calls ---- */

outcome_t rt_call_finish(handle_t call, struct arrival *reply)
{
        (void)call;
        reply->word_count = input.shape.word_count;
        memcpy(reply->words, input.shape.words, sizeof reply->words);
        reply->cap_count = input.shape.cap_count;
        reply->bytes = input.length < reply->capacity ? input.length : reply->capacity;
        if (reply->bytes)
                memcpy(reply->buffer, input.bytes, reply->bytes);
        return OUTCOME_OK;
}

outcome_t rt_call(handle_t right, uint64_t deadline, const struct message *message,
                  struct arrival *reply)
{
        (void)right, (void)deadline, (void)message;
        return rt_call_finish(CALL, reply);
}

outcome_t rt_send(handle_t right, uint64_t deadline, const struct message *message)
{
        (void)right, (void)deadline, (void)message;
        return OUTCOME_OK;
}

outcome_t rt_call_start(handle_t right, handle_t call, uint64_t deadline,
                        const struct message *message, const struct arrival *space)
{
        (void)right, (void)call, (void)deadline, (void)message, (void)space;
        return OUTCOME_OK;
}

outcome_t rt_reply(handle_t reply, const struct message *message)
{
        (void)reply, (void)message;
        return OUTCOME_OK;
}

handle_t cap_take(struct received_cap *cap)
{
        return cap->handle;
}

void arrival_drop(struct arrival *arrival)
{
        arrival->cap_count = 0;
}

bool answer_check(struct arrival *answer, struct shape shape)
{
        return parameters_check(answer->words, answer->word_count, answer->cap_count, answer->bytes,
                                shape);
}

/* ---- the two directions ---- */

static void request_try(uint16_t method)
{
        struct received_cap caps[MESSAGE_CAPS] = {{0}};
        uint64_t words[MESSAGE_WORDS];
        memcpy(words, input.shape.words, sizeof words);
        struct request request = {.interface = SAMPLE_INTERFACE,
                                  .method = method,
                                  .word_count = input.shape.word_count,
                                  .cap_count = input.shape.cap_count,
                                  .byte_count = input.length,
                                  .bytes = input.bytes,
                                  .words = words,
                                  .caps = caps};
        sample_dispatch(&handlers, NULL, &request);
}

static void answer_try(void)
{
        uint8_t *space = malloc(input.length); /* so that what is behind it is seen */
        size_t length = 0, second_length = 0;
        const void *first = NULL, *second = NULL;
        uint64_t word = 0;
        struct optional_word rest = {0};
        if (!space && input.length)
                abort();
        if (sample_list_finish(CALL, space, input.length, &length) == OUTCOME_OK)
                entries_read(space, length, 4);
        if (sample_split_finish(CALL, space, input.length, &first, &length, &second,
                                &second_length) == OUTCOME_OK) {
                bytes_read(first, length);
                bytes_read(second, second_length);
        }
        if (sample_feel_finish(CALL, &word) == OUTCOME_OK && !sample_mood_is(word))
                abort();

        sample_ask_finish(CALL, &word, &rest);
        free(space);
}

/* As an answer its record alone, as `list` gives it. Each pair: where, in words and bytes together,
 * and what to change there. */
static void store_damaged(bool answer)
{
        static uint8_t bytes[256];
        struct message *shape = &input.shape;
        const uint8_t *damage = input.bytes;
        size_t pairs = input.length / 2, length = 0;
        struct sample_entry entry = {
            .name = "pear", .name_length = 4, .note = "ripe", .note_length = 4};
        *shape = (struct message){.word_count = 5, .words = {[3] = 1}};
        static const uint64_t order[] = {0, 1, 2, 4};
        for (unsigned i = 0; i < 4; i++) {
                struct packer packer = packer_of(bytes + length, sizeof bytes - length);
                if (i == 0   ? !sample_entry_pack(&packer, &entry)
                    : i == 1 ? !pack_bytes(&packer, "tag", 3)
                             : !pack_word(&packer, SAMPLE_MOOD_ANGRY))
                        abort();
                shape->words[order[i]] = packer.length;
                length += packer.length;
        }
        for (size_t i = 0; i < pairs && i < 4; i++) {
                size_t at = damage[2 * i] % (sizeof shape->words + length);
                uint8_t *byte = at < sizeof shape->words ? (uint8_t *)shape->words + at
                                                         : bytes + at - sizeof shape->words;
                *byte ^= damage[2 * i + 1];
        }
        input.bytes = bytes;
        input.length = length;
        if (!answer)
                return;
        *shape = (struct message){.word_count = 1, .words = {shape->words[0] % (length + 1)}};
        input.length = shape->words[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < HEAD)
                return 0;
        input.shape.word_count = data[1] % (MESSAGE_WORDS + 1);
        input.shape.cap_count = data[2] % (MESSAGE_CAPS + 1);
        size_t words = input.shape.word_count * 8u;
        if (size < HEAD + words)
                return 0;
        memset(input.shape.words, 0, sizeof input.shape.words);
        memcpy(input.shape.words, data + HEAD, words);
        input.bytes = data + HEAD + words;
        input.length = size - HEAD - words;
        if (data[3] & 2)
                store_damaged(!(data[3] & 1));
        if (data[3] & 1)
                request_try(data[3] & 2 ? SAMPLE_METHOD_STORE : data[0]);
        else
                answer_try();
        return 0;
}
