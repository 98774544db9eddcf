/* Text that grows up to a bound. What does not fit is left out, and `overflow` says so. */
#ifndef SWITCH_TEXT_H
#define SWITCH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { TEXT_MAX = 1 << 20 };

struct text {
        char *bytes;
        size_t used, capacity;
        bool overflow; /* or memory was used up */
};

/* Adds formatted text, whole or not at all. */
__attribute__((format(printf, 2, 3))) void text_add(struct text *text, const char *format, ...);

/* Removes `length` bytes from its beginning. */
void text_remove(struct text *text, size_t length);

void text_free(struct text *text);

#endif
