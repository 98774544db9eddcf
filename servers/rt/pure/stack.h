/* The stack that Linux gives to a program, as the System V ABI for AMD64 (3.4.1) and ld.so(8) have
 * it:
 *
 * sp ──> argument count │ arguments, NULL │ environment, NULL │ auxiliary vector │ strings │ top
 *
 * Arguments and environment are strings that programs may write to, so they lie on the stack
 * themselves. Pure: what is written is the content of memory that will lie below `top`. */
#ifndef RT_STACK_H
#define RT_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strings one after the other, each with its 0. */
struct strings {
        const char *bytes;
        size_t length;
};

/* Whether they are that: the last one ends with 0, too. Sets *count. */
bool strings_count(struct strings strings, unsigned *count);

enum { STACK_RANDOM = 16, STACK_STRINGS_MOST = 4096 };

struct stack_content {
        struct strings arguments, environment; /* strings_count() is true of both */
        uint64_t entry;                        /* the program's */
        uint64_t headers;                      /* program headers in its memory; 0: nowhere */
        unsigned header_count;
        uint8_t random[STACK_RANDOM]; /* for libc's stack protector */
};

/* Bytes that the content needs at most; 0: more than STACK_STRINGS_MOST strings, or not strings. */
size_t stack_bytes(const struct stack_content *content);

/* Writes the content to the last bytes of `to`, which has `size` bytes, stack_bytes() or more, and
 * will lie right below `top` (a multiple of 16). Returns the stack pointer, a multiple of 16. */
uint64_t stack_write(const struct stack_content *content, uint8_t *to, size_t size, uint64_t top);

#endif
