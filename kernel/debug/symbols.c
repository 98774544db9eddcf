/* Looks names up in the table that symbols.sh made: sorted by address, offsets from the first. */
#include "kernel/debug/symbols.h"
#include <stddef.h>

struct symbol {
        uint32_t text; /* from symbol_text_start */
        uint32_t name; /* from symbol_names */
};

extern const struct symbol symbol_table[];
extern const uint32_t symbol_count;
extern const char symbol_names[];
extern const char symbol_text_start[], symbol_text_end[]; /* by the linker script */

const char *symbol_find(uint64_t address, uint64_t *offset)
{
        if (address < (uint64_t)symbol_text_start || address >= (uint64_t)symbol_text_end)
                return NULL;
        uint64_t text = address - (uint64_t)symbol_text_start;
        size_t low = 0, high = symbol_count; /* the answer is before high, at or after low - 1 */
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (symbol_table[middle].text <= text)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (low == 0)
                return NULL;
        *offset = text - symbol_table[low - 1].text;
        return symbol_names + symbol_table[low - 1].name;
}
