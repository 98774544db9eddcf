/* The relocations of a position-independent image: words that hold addresses of the image itself,
 * to which is added how far it was moved. The image has no others: the linker packs these into a
 * DT_RELR table, and program.mk refuses a program that needs more. Layout of the table: System V
 * gABI, "Relative Relocation Table". Pure. */
#ifndef RT_RELOCATE_H
#define RT_RELOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An image where it lies now. */
struct relocate {
        uint64_t displacement; /* of each address from that in the file, modulo 2^64 */
        uint64_t start, end;   /* what is writable of it, and nothing else is changed */
};

/* Relocates the words that the table of `count` entries names. False, at the first word that is
 * not wholly within the writable part, or not at a multiple of its size. Calls nothing and reads
 * nothing that would have to be relocated itself. */
bool relocate_apply(const struct relocate *image, const uint64_t *table, size_t count);

#endif
