/* Which function an address lies in, by the symbol table of an ELF64 file. The file may be
 * anything. Pure. */
#ifndef RT_SYMBOLS_H
#define RT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
        const char *name; /* in the file; ends with 0 */
        uint64_t offset;  /* of the address from the function's beginning */
};

/* A program as it lies in a task. */
struct image {
        const void *file; /* NULL: not known */
        size_t size;
        uint64_t displacement; /* of each address from that in the file, modulo 2^64 */
};

/* The function that an address of the task lies in; false if none is known. */
bool image_symbol(const struct image *image, uint64_t address, struct symbol *symbol);

/* The function that an address of the file lies in; false if none is known. Reads the whole
 * table each time. */
bool symbol_find(const void *file, size_t size, uint64_t address, struct symbol *symbol);

#endif
