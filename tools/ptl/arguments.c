/* Each argument stands behind the one before in one piece of text, to which argv points. */
#include "tools/ptl/arguments.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void argument_add(struct arguments *arguments, const char *format, ...)
{
        char *text = arguments->text + arguments->used;
        size_t room = sizeof arguments->text - arguments->used;
        va_list values;
        va_start(values, format);
        int length = vsnprintf(text, room, format, values);
        va_end(values);
        assert(length >= 0 && (size_t)length < room && arguments->count < ARGUMENTS_MAX);
        arguments->used += (size_t)length + 1;
        arguments->argv[arguments->count++] = text;
        arguments->argv[arguments->count] = NULL;
}
