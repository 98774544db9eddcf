/* Standard output goes out first, so that both appear in order where they end in one file. */
#include "tools/lib/complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

bool complain(const char *format, ...)
{
        va_list arguments;
        fflush(stdout);
        fprintf(stderr, "%s: ", program_invocation_short_name);
        va_start(arguments, format);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
        fputc('\n', stderr);
        return false;
}
