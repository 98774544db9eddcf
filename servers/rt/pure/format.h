/* Formatted text into a buffer, without libc (kernel/common/format.h has the formats). Pure. */
#ifndef RT_FORMAT_H
#define RT_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Writes at most `size` bytes, the 0 at the end included; returns the length written without it. */
size_t format_text(char *to, size_t size, const char *format, va_list arguments);

/* The same with the arguments themselves. */
size_t format_line(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
