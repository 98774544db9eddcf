/* printf's formats without libc: %d %i %u %x %X %p %c %s %% with the lengths l, ll, z, h, hh, the
 * flags 0 and
 * -, a width and, for %s, a precision (both also as *). Anything else is written as it stands.
 * Pure. */
#ifndef RT_FORMAT_H
#define RT_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Writes at most `size` bytes, the 0 at the end included; returns the length written without it. */
size_t format_text(char *to, size_t size, const char *format, va_list arguments);

#endif
