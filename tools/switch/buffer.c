/* One allocation that doubles. */
#include "tools/switch/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 1024 };

static bool room_make(struct buffer *buffer, size_t length)
{
        size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_FIRST;
        while (capacity < buffer->used + length)
                capacity *= 2;
        if (capacity > BUFFER_MAX)
                return false;
        if (capacity == buffer->capacity)
                return true;
        char *bytes = realloc(buffer->bytes, capacity);
        if (!bytes)
                return false;
        buffer->bytes = bytes;
        buffer->capacity = capacity;
        return true;
}

void buffer_add(struct buffer *buffer, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(NULL, 0, format, arguments);
        va_end(arguments);
        if (length < 0 || !room_make(buffer, (size_t)length + 1)) {
                buffer->overflow = true;
                return;
        }
        va_start(arguments, format);
        vsnprintf(buffer->bytes + buffer->used, (size_t)length + 1, format, arguments);
        va_end(arguments);
        buffer->used += (size_t)length;
}

void buffer_remove(struct buffer *buffer, size_t length)
{
        buffer->used -= length;
        memmove(buffer->bytes, buffer->bytes + length, buffer->used);
}

void buffer_free(struct buffer *buffer)
{
        free(buffer->bytes);
        *buffer = (struct buffer){0};
}
