/* What a message, or a record in its bytes, is made of, as its description says.
 *
 *      words      word parameters │ lengths of bytes parameters │ mask │ one for each of its bits
 *      bytes      of the bytes parameters in their order        │ of those that the mask gives
 *
 * The mask and what follows it are there only if an optional parameter is given: bit i stands for
 * the i-th one, whose word is its value, or the length of its bytes. So who knows none of them
 * reads the same message as before, and who gives none sends it. What is given and not known is
 * passed over: it can only stand behind what is known (tools/idl/README.md has the rule).
 *
 * Pure; any thread. */
#ifndef RT_SHAPE_H
#define RT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHAPE_OPTIONALS = 7 };

struct shape {
        uint8_t words, buffers, caps;
        uint8_t optionals;        /* known ones, at most SHAPE_OPTIONALS */
        uint8_t optional_buffers; /* bit i: the i-th is bytes */
};

/* A word that may be missing. */
struct optional_word {
        bool given;
        uint64_t word;
};

static inline struct optional_word optional_word(uint64_t word)
{
        return (struct optional_word){true, word};
}

static inline struct optional_word optional_none(void)
{
        return (struct optional_word){0};
}

/* Given unless it is 0. */
static inline struct optional_word optional_nonzero(uint64_t word)
{
        return (struct optional_word){word != 0, word};
}

/* Whether these words and this number of bytes and capabilities are of the shape: lengths add up to
 * the bytes, or to less where something is given that is not known. */
bool parameters_check(const uint64_t *words, unsigned word_count, unsigned cap_count, size_t bytes,
                      struct shape shape);

/* The index-th optional word of checked words, whose mask is at `base` (words and buffers of the
 * shape); of bytes its length. */
struct optional_word optional_at(const uint64_t *words, unsigned word_count, unsigned base,
                                 unsigned index);

/* The same of bytes, which begin at *at if they are given: *at is moved behind them. NULL: not
 * given. */
const void *optional_bytes_at(const uint64_t *words, unsigned word_count, unsigned base,
                              unsigned index, const uint8_t **at, size_t *length);

#endif
