/* From a thread's registers to the chain of calls that it is in. Pure: the thread's memory is read
 * through a function, and may hold anything, like the program's file.
 *
 * Compiled with frame pointers, a function keeps {caller's frame, return address} at its own rbp.
 * Two kinds lack that: leaf functions, and functions of libraries and of the system call stubs,
 * which may also use rbp for something else. For the innermost function only, the return address is
 * therefore looked for on the stack: it is the word behind a call instruction whose target is that
 * very function. So it is for the function of the program that has made a Linux system call, where
 * the chain comes to its handler (linux/entry.S). */
#ifndef RT_UNWIND_H
#define RT_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unwind {
        /* Copies `bytes` from an address of the thread's task; false: it cannot be read. */
        bool (*read)(void *context, uint64_t address, void *to, size_t bytes);
        void *context;
        const void *elf; /* its program, may be NULL */
        size_t elf_size;
};

/* The addresses that the thread is at and will return to, rip first. Returns how many, at most
 * `most`. The chain ends where it does not lead upwards any more. */
unsigned unwind_chain(const struct unwind *unwind, uint64_t rip, uint64_t rsp, uint64_t rbp,
                      uint64_t *addresses, unsigned most);

#endif
