/* Any bytes as a table of relocations, of an image at any place: the writable part alone is
 * changed, and each of its words by the displacement as often as the table says. */
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/relocate.h"

enum { WORDS = 64, EDGE = 4, TABLE_MOST = 64 };

static uint64_t words[WORDS];

/* The lowest byte of an entry that names an address chooses one near the words. */
static size_t table_make(const uint8_t *data, size_t size, uint64_t displacement, uint64_t *table)
{
        size_t count = 0;
        for (; size >= sizeof *table && count < TABLE_MOST; size -= sizeof *table) {
                uint64_t entry;
                memcpy(&entry, data, sizeof entry);
                data += sizeof entry;
                if (entry % 2 == 0 && entry % 4)
                        entry = (uint64_t)words + entry % 1024 - displacement - 2;
                table[count++] = entry;
        }
        return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint64_t table[TABLE_MOST], displacement;
        if (size < sizeof displacement)
                return 0;
        memcpy(&displacement, data, sizeof displacement);
        displacement &= ~(uint64_t)7;
        size_t count =
            table_make(data + sizeof displacement, size - sizeof displacement, displacement, table);
        memset(words, 0, sizeof words);
        const struct relocate image = {displacement, (uint64_t)&words[EDGE],
                                       (uint64_t)&words[WORDS - EDGE]};
        relocate_apply(&image, table, count);
        for (unsigned i = 0; i < WORDS; i++) {
                bool edge = i < EDGE || i >= WORDS - EDGE;
                bool times = words[i] == 0;
                for (unsigned most = 1; !times && most <= 64 * TABLE_MOST; most++)
                        times = words[i] == most * displacement;
                if (!times || (edge && words[i]))
                        abort();
        }
        return 0;
}
