/* One allocation that doubles. */
#include "tools/switch/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 1024 };

static bool room_make(struct text *text, size_t length)
{
        size_t capacity = text->capacity ? text->capacity : CAPACITY_FIRST;
        while (capacity < text->used + length)
                capacity *= 2;
        if (capacity > TEXT_MAX)
                return false;
        if (capacity == text->capacity)
                return true;
        char *bytes = realloc(text->bytes, capacity);
        if (!bytes)
                return false;
        text->bytes = bytes;
        text->capacity = capacity;
        return true;
}

void text_add(struct text *text, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(NULL, 0, format, arguments);
        va_end(arguments);
        if (length < 0 || !room_make(text, (size_t)length + 1)) {
                text->overflow = true;
                return;
        }
        va_start(arguments, format);
        vsnprintf(text->bytes + text->used, (size_t)length + 1, format, arguments);
        va_end(arguments);
        text->used += (size_t)length;
}

void text_remove(struct text *text, size_t length)
{
        text->used -= length;
        memmove(text->bytes, text->bytes + length, text->used);
}

void text_free(struct text *text)
{
        free(text->bytes);
        *text = (struct text){0};
}
