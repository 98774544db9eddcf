/* Bytes and strings for code that must not call libc, as the handler of Linux system calls. */
#ifndef RT_BYTES_H
#define RT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void bytes_copy(void *to, const void *from, size_t count)
{
        uint8_t *out = to;
        const uint8_t *in = from;
        size_t words = count / 8;
        __asm__ volatile("rep movsq" : "+D"(out), "+S"(in), "+c"(words) : : "memory");
        count %= 8;
        __asm__ volatile("rep movsb" : "+D"(out), "+S"(in), "+c"(count) : : "memory");
}

static inline void bytes_zero(void *to, size_t count)
{
        uint8_t *out = to;
        __asm__ volatile("rep stosb" : "+D"(out), "+c"(count) : "a"(0) : "memory");
}

static inline bool bytes_equal(const void *a, const void *b, size_t count)
{
        const uint8_t *one = a, *other = b;
        size_t i = 0;
        while (i < count && one[i] == other[i])
                i++;
        return i == count;
}

static inline size_t string_length(const char *string)
{
        size_t length = 0;
        while (string[length])
                length++;
        return length;
}

static inline bool string_equal(const char *a, const char *b)
{
        while (*a && *a == *b) {
                a++;
                b++;
        }
        return *a == *b;
}

/* Copies a string into `size` bytes and ends it with 0; false if it did not fit. */
static inline bool string_set(char *to, size_t size, const char *from)
{
        size_t i = 0;
        while (i + 1 < size && from[i]) {
                to[i] = from[i];
                i++;
        }
        to[i] = 0;
        return from[i] == 0;
}

#endif
