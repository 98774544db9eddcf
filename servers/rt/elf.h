/* Static ELF64 programs: what is to be mapped where. The file may be anything: a plan only comes of
 * one whose segments lie in the file and in the program's part of the address space, in order,
 * without sharing a page, none of them writable and executable. Layout: ELF-64 Object File
 * Format 1.5. Pure. */
#ifndef RT_ELF_H
#define RT_ELF_H

#include <stddef.h>
#include <stdint.h>

enum { ELF_SEGMENTS = 16 };

/* Programs lie below this; above it are the runtime's own addresses (memory.h). */
#define ELF_PROGRAM_END 0x0000000f00000000ull

struct elf_segment {
        uint64_t address;     /* whole pages: address and bytes */
        uint64_t bytes;       /* of memory */
        uint64_t file_offset; /* where its content begins in the file … */
        uint64_t file_bytes;  /* … how much there is of it; the rest is zero */
        uint64_t skew;        /* where it goes, from `address` on: less than a page */
        unsigned flags;       /* enum map_flags */
};

struct elf_plan {
        uint64_t entry;
        uint64_t memory; /* bytes of all segments */
        unsigned count;
        struct elf_segment segments[ELF_SEGMENTS];
};

/* NULL and the plan, or what is wrong with the file, in a few words. */
const char *elf_plan_make(const void *file, size_t size, struct elf_plan *plan);

#endif
