/* The common formatter with a buffer behind it: what does not fit is dropped. */
#include "servers/rt/pure/format.h"

#include "kernel/common/format.h"

struct text_buffer {
        struct format_output output;
        char *at;
        size_t size, length; /* size: without the 0 at the end */
};

static void buffer_put(struct format_output *output, char c)
{
        struct text_buffer *buffer = (struct text_buffer *)output;
        if (buffer->length < buffer->size)
                buffer->at[buffer->length++] = c;
}

size_t format_text(char *to, size_t size, const char *format, va_list arguments)
{
        struct text_buffer buffer = {
            .output.put = buffer_put, .at = to, .size = size ? size - 1 : 0};
        format_write(&buffer.output, format, arguments);
        if (size)
                to[buffer.length] = 0;
        return buffer.length;
}

size_t format_line(char *to, size_t size, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        size_t length = format_text(to, size, format, arguments);
        va_end(arguments);
        return length;
}
