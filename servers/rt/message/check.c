/* Whether a message is what its interface description says: the one place where generated code
 * looks at what came before it believes it. */
#include "servers/rt/message/shape.h"

static unsigned bits_of(uint64_t mask)
{
        unsigned bits = 0;
        for (; mask; mask &= mask - 1)
                bits++;
        return bits;
}

struct optional_word optional_at(const uint64_t *words, unsigned word_count, unsigned base,
                                 unsigned index)
{
        if (word_count <= base || !(words[base] >> index & 1))
                return (struct optional_word){0};
        unsigned before = bits_of(words[base] & ((1ull << index) - 1));
        return optional_word(words[base + 1 + before]);
}

const void *optional_bytes_at(const uint64_t *words, unsigned word_count, unsigned base,
                              unsigned index, const uint8_t **at, size_t *length)
{
        struct optional_word given = optional_at(words, word_count, base, index);
        const void *bytes = given.given ? *at : NULL;
        *length = given.word;
        *at += given.word;
        return bytes;
}

/* The mask and its words; `bytes` are left for what is optional. */
static bool optionals_check(const uint64_t *words, unsigned word_count, unsigned base, size_t bytes,
                            struct shape shape)
{
        uint64_t mask = words[base];
        if (mask == 0 || mask >> SHAPE_OPTIONALS || word_count != base + 1 + bits_of(mask))
                return false;
        for (unsigned i = 0; i < shape.optionals; i++) {
                uint64_t length = optional_at(words, word_count, base, i).word;
                if (!(shape.optional_buffers >> i & 1))
                        continue;
                if (length > bytes)
                        return false;
                bytes -= length;
        }
        return bytes == 0 || mask >> shape.optionals;
}

bool parameters_check(const uint64_t *words, unsigned word_count, unsigned cap_count, size_t bytes,
                      struct shape shape)
{
        unsigned base = shape.words + shape.buffers;
        if (word_count < base || cap_count != shape.caps)
                return false;
        for (unsigned i = shape.words; i < base; i++) {
                if (words[i] > bytes)
                        return false;
                bytes -= words[i];
        }
        return word_count == base ? bytes == 0
                                  : optionals_check(words, word_count, base, bytes, shape);
}
