/* Text that grows up to a bound. What does not fit is left out, and `overflow` says so. */
#ifndef SWITCH_BUFFER_H
#define SWITCH_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

enum { BUFFER_MAX = 1 << 20 };

struct buffer {
        char *bytes;
        size_t used, capacity;
        bool overflow; /* or memory was used up */
};

/* Adds formatted text, whole or not at all. */
__attribute__((format(printf, 2, 3))) void buffer_add(struct buffer *buffer, const char *format,
                                                      ...);

/* Removes `length` bytes from its beginning. */
void buffer_remove(struct buffer *buffer, size_t length);

void buffer_free(struct buffer *buffer);

#endif
