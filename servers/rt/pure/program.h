/* What a file is as a program: which runtime it needs, and what of it goes where. The file may be
 * anything; only its beginning is read, where a program has its headers and its note. Pure.
 *
 *      native  linked with the runtime (a note of ours says so): starts by itself
 * Linux   a static program of Linux's ABI, fixed or position-independent, built by anybody: needs
 *              the Linux layer beside it
 *
 * Layouts: ELF-64 Object File Format 1.5; notes: System V gABI, "Note Section". */
#ifndef RT_PROGRAM_H
#define RT_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/common/elf.h"

/* The note that start.S puts into everything linked with the runtime: one word that says how a
 * spawner and its program understand each other (the startup page, what is at its entry). */
#define PROGRAM_NOTE_NAME "Portolan"
enum { PROGRAM_NOTE_TYPE = 1, PROGRAM_NOTE_VERSION = 1 };

enum program_kind { PROGRAM_NATIVE, PROGRAM_LINUX };

struct program {
        enum program_kind kind;
        struct elf_plan plan;
        uint64_t headers; /* where its program headers will lie in its memory; 0: nowhere */
        unsigned header_count;
};

enum {
        PROGRAM_HEAD = 4096, /* bytes of the file that are enough */
        PROGRAM_WRONG = 160, /* bytes of a sentence */
};

/* Plans a program at `base` (elf.h; 0: where it wants to lie) from the first bytes of its file:
 * all of them, or PROGRAM_HEAD and more. NULL, or a sentence that says why it cannot be started
 * and what helps; it stands in `said` or is constant. */
const char *program_read(const void *head, size_t head_bytes, uint64_t file_bytes, uint64_t base,
                         struct program *program, char said[PROGRAM_WRONG]);

#endif
