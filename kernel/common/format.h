/* printf's formats without libc: %d %i %u %x %X %p %c %s %% with the lengths l, ll, z, h and hh,
 * the flags 0 and -, a width and, for %s, a precision (both also as *). Anything else is written as
 * it stands. Where the characters go is the caller's: a buffer, or the kernel's log. */
#ifndef COMMON_FORMAT_H
#define COMMON_FORMAT_H

#include <stdarg.h>

/* Takes the text, a character at a time; stands first in a structure that knows where it goes. */
struct format_output {
        void (*put)(struct format_output *output, char c);
};

void format_write(struct format_output *output, const char *format, va_list arguments);

#endif
