/* Records and lists in the bytes of a message.
 *
 *      record     { number of bytes: u32 │ number of words: u16 │ 0: u16 } words, bytes, zeros
 *      list       its elements one after the other: records; words of 8 bytes; or bytes, each as
 *                 a record of that one parameter
 *
 * A record is laid out as a message is (shape.h), is a multiple of 8 bytes long, and lies anywhere.
 * Numbers are little-endian. A packer writes into memory of its caller's, an unpacker reads;
 * generated functions have the fields (INTERFACE_RECORD_pack, INTERFACE_RECORD_next).
 *
 * Pure, without a call of libc; any thread. */
#ifndef RT_RECORD_H
#define RT_RECORD_H

#include "servers/rt/message/message.h"

enum { RECORD_HEAD = 8, RECORD_BYTES_MAX = MESSAGE_BYTES_MAX };

struct packer {
        uint8_t *bytes;
        size_t capacity, length; /* length: what is written */
};

struct unpacker {
        const uint8_t *at;
        size_t left;
};

static inline struct packer packer_of(void *bytes, size_t capacity)
{
        return (struct packer){bytes, capacity, 0};
}

static inline struct unpacker unpacker_of(const void *bytes, size_t length)
{
        return (struct unpacker){bytes, length};
}

/* A record as it was read: its words, and where its bytes begin. */
struct unpacked {
        uint64_t words[MESSAGE_WORDS];
        unsigned word_count;
        const uint8_t *bytes;
};

/* Bytes that a record of these words and bytes takes. */
static inline size_t record_length(unsigned words, size_t bytes)
{
        return RECORD_HEAD + words * 8 + ((bytes + 7) & ~(size_t)7);
}

/* Each appends one element, or returns false and has changed nothing: there is no room. A record's
 * words and buffers are those of `fields`. */
bool pack_record(struct packer *packer, const struct message *fields);
bool pack_word(struct packer *packer, uint64_t word);
bool pack_bytes(struct packer *packer, const void *bytes, size_t length);

/* Each takes the next element, or returns false and has changed nothing: there is none, or it is
 * not of that kind (unpacker.left tells which). Bytes are pointed to where they lie. */
bool unpack_record(struct unpacker *unpacker, struct shape shape, struct unpacked *record);
bool unpack_word(struct unpacker *unpacker, uint64_t *word);
bool unpack_bytes(struct unpacker *unpacker, const void **bytes, size_t *length);

/* Whether the bytes are elements that `pass` goes over, at least `least` and at most `most` of
 * them. For generated code. */
typedef bool element_pass(struct unpacker *unpacker);
bool elements_check(const void *bytes, size_t length, size_t least, size_t most,
                    element_pass *pass);
element_pass word_pass, bytes_pass;

#endif
