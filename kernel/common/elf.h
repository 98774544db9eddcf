/* Static ELF64 programs: what is to be mapped where. The file may be anything: a plan only comes of
 * one whose segments lie in the file and in the program's part of the address space, in order,
 * without sharing a page, none of them writable and executable. Layout: ELF-64 Object File Format
 * 1.5. The kernel reads the first task by it, the runtime all others.
 *
 * A program of type ET_EXEC lies where it was linked for. One of type ET_DYN may lie anywhere, and
 * relocates itself when it starts: what is loaded is the file's content in any case. */
#ifndef COMMON_ELF_H
#define COMMON_ELF_H

#include <stddef.h>
#include <stdint.h>

enum { ELF_SEGMENTS = 16 };

/* Where a program that may lie anywhere begins if nobody says where. */
#define ELF_BASE 0x400000ull

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
        uint64_t displacement; /* of each address from that in the file, modulo 2^64 */
        unsigned count;
        struct elf_segment segments[ELF_SEGMENTS];
};

/* A file that need not lie in one piece. */
struct elf_file {
        uint64_t size;
        /* Copies bytes that are within the file. */
        void (*read)(const void *content, uint64_t offset, void *to, size_t bytes);
        const void *content;
};

/* NULL and the plan of a program whose segments lie below `end`, or what is wrong with the file, in
 * a few words. `base` is where the first page of an ET_DYN goes, a multiple of PAGE_SIZE; with 0 it
 * lies where it was linked for, or at ELF_BASE if that is 0. */
const char *elf_plan_make(const struct elf_file *file, uint64_t base, uint64_t end,
                          struct elf_plan *plan);

#endif
