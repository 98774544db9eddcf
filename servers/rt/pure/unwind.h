/* From a thread's registers to the chain of calls that it is in. Pure: the thread's memory is read
 * through a function, and may hold anything, like the program's file.
 *
 * A function compiled with a frame pointer keeps {caller's frame, return address} at its rbp. Leaf
 * functions, library functions and the system call stubs have none, and may use rbp for something
 * else. For the innermost function only, the return address is therefore looked for on the stack:
 * it is the word behind a call instruction whose target is that very function. The same is done for
 * the function that has made a Linux system call, when the chain reaches its handler
 * (linux/entry.S). */
#ifndef RT_UNWIND_H
#define RT_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "servers/rt/pure/symbols.h"

struct unwind {
        /* Copies `bytes` from an address of the thread's task; false: it cannot be read. */
        bool (*read)(void *context, uint64_t address, void *to, size_t bytes);
        void *context;
        struct image image;
};

/* The addresses that the thread is at and will return to, rip first. Returns how many, at most
 * `most`. The chain ends where it no longer leads upwards. */
unsigned unwind_chain(const struct unwind *unwind, uint64_t rip, uint64_t rsp, uint64_t rbp,
                      uint64_t *addresses, unsigned most);

#endif
