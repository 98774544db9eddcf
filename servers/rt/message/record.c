/* See record.h. Every length is held against what is left before anything is read or written. */
#include "servers/rt/message/record.h"

#include "servers/rt/pure/bytes.h"

struct record_head {
        uint32_t bytes;
        uint16_t words;
        uint16_t zero;
};

_Static_assert(sizeof(struct record_head) == RECORD_HEAD, "layout of a record");

static const struct shape bytes_shape = {.buffers = 1};

/* Room for `length` bytes; NULL: there is none. */
static uint8_t *room_take(struct packer *packer, size_t length)
{
        if (length > packer->capacity - packer->length)
                return NULL;
        uint8_t *room = packer->bytes + packer->length;
        packer->length += length;
        return room;
}

bool pack_record(struct packer *packer, const struct message *fields)
{
        size_t bytes = 0;
        for (unsigned i = 0; i < fields->buffer_count; i++) {
                if (fields->buffers[i].length > RECORD_BYTES_MAX - bytes)
                        return false;
                bytes += fields->buffers[i].length;
        }
        size_t length = record_length(fields->word_count, bytes);
        uint8_t *to = room_take(packer, length);
        if (!to)
                return false;
        struct record_head head = {(uint32_t)bytes, fields->word_count, 0};
        __builtin_memset(to + length - 8, 0, 8); /* the padding is in there */
        bytes_copy(to, &head, sizeof head);
        to += sizeof head;
        bytes_copy(to, fields->words, fields->word_count * 8u);
        to += fields->word_count * 8u;
        for (unsigned i = 0; i < fields->buffer_count; i++) {
                if (fields->buffers[i].length)
                        bytes_copy(to, (const void *)fields->buffers[i].address,
                                   fields->buffers[i].length);
                to += fields->buffers[i].length;
        }
        return true;
}

bool pack_word(struct packer *packer, uint64_t word)
{
        uint8_t *to = room_take(packer, sizeof word);
        if (to)
                __builtin_memcpy(to, &word, sizeof word);
        return to;
}

bool pack_bytes(struct packer *packer, const void *bytes, size_t length)
{
        struct message fields = {.word_count = 1,
                                 .words = {length},
                                 .buffer_count = 1,
                                 .buffers = {{(uint64_t)bytes, length}}};
        return pack_record(packer, &fields);
}

bool unpack_record(struct unpacker *unpacker, struct shape shape, struct unpacked *record)
{
        struct record_head head;
        if (unpacker->left < sizeof head)
                return false;
        __builtin_memcpy(&head, unpacker->at, sizeof head);
        size_t length = record_length(head.words, head.bytes);
        if (head.words > MESSAGE_WORDS || head.zero || length > unpacker->left)
                return false;
        record->word_count = head.words;
        bytes_copy(record->words, unpacker->at + sizeof head, head.words * 8u);
        record->bytes = unpacker->at + record_length(head.words, 0);
        if (!parameters_check(record->words, head.words, 0, head.bytes, shape))
                return false;
        unpacker->at += length;
        unpacker->left -= length;
        return true;
}

bool unpack_word(struct unpacker *unpacker, uint64_t *word)
{
        if (unpacker->left < sizeof *word)
                return false;
        __builtin_memcpy(word, unpacker->at, sizeof *word);
        unpacker->at += sizeof *word;
        unpacker->left -= sizeof *word;
        return true;
}

bool unpack_bytes(struct unpacker *unpacker, const void **bytes, size_t *length)
{
        struct unpacked record;
        if (!unpack_record(unpacker, bytes_shape, &record))
                return false;
        *bytes = record.bytes;
        *length = record.words[0];
        return true;
}

bool word_pass(struct unpacker *unpacker)
{
        uint64_t word;
        return unpack_word(unpacker, &word);
}

bool bytes_pass(struct unpacker *unpacker)
{
        const void *bytes;
        size_t length;
        return unpack_bytes(unpacker, &bytes, &length);
}

bool elements_check(const void *bytes, size_t length, size_t least, size_t most, element_pass *pass)
{
        struct unpacker unpacker = unpacker_of(bytes, length);
        size_t count = 0;
        for (; unpacker.left; count++)
                if (count == most || !pass(&unpacker))
                        return false;
        return count >= least;
}
