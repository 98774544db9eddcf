#include "tools/ptl/complain.h"

#include <stdarg.h>
#include <stdio.h>

bool complain(const char *format, ...)
{
        va_list arguments;
        fflush(stdout);
        fputs("ptl: ", stderr);
        va_start(arguments, format);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
        fputc('\n', stderr);
        return false;
}
