/* The table is a list of
 *      even words:  the address of a word to be relocated; the words behind it are the next ones
 *      odd words:   63 bits, lowest first behind bit 0, one for each of the next words
 */
#include "servers/rt/pure/relocate.h"

enum { WORD = sizeof(uint64_t), WORDS_PER_MAP = 63 };

static bool word_relocate(const struct relocate *image, uint64_t at)
{
        if (at % WORD || at < image->start || at >= image->end || image->end - at < WORD)
                return false;
        *(uint64_t *)at += image->displacement;
        return true;
}

bool relocate_apply(const struct relocate *image, const uint64_t *table, size_t count)
{
        uint64_t next = 0;
        for (size_t i = 0; i < count; i++) {
                uint64_t entry = table[i];
                if (entry % 2 == 0) {
                        next = entry + image->displacement;
                        if (!word_relocate(image, next))
                                return false;
                        next += WORD;
                        continue;
                }
                for (uint64_t map = entry >> 1, at = next; map; map >>= 1, at += WORD)
                        if (map & 1 && !word_relocate(image, at))
                                return false;
                next += WORDS_PER_MAP * WORD;
        }
        return true;
}
