/* The log ring and the kernel's formatter. Nothing here allocates or can fail: a panic uses it. */
#include "kernel/debug/log.h"
#include "kernel/include/arch/arch.h"
#include "kernel/include/string.h"
#include <stdbool.h>

static struct {
        uint64_t end; /* running offset of the next byte */
        char ring[LOG_BYTES];
} log;

static size_t smaller(size_t a, size_t b)
{
        return a < b ? a : b;
}

void log_write(const char *text, size_t bytes)
{
        console_write(text, bytes);
        if (bytes > LOG_BYTES) {
                text += bytes - LOG_BYTES;
                log.end += bytes - LOG_BYTES;
                bytes = LOG_BYTES;
        }
        while (bytes > 0) {
                size_t at = log.end % LOG_BYTES;
                size_t part = smaller(bytes, LOG_BYTES - at);
                memcpy(log.ring + at, text, part);
                log.end += part;
                text += part;
                bytes -= part;
        }
}

size_t log_read(uint64_t *offset, char *to, size_t bytes)
{
        uint64_t oldest = log.end > LOG_BYTES ? log.end - LOG_BYTES : 0;
        if (*offset < oldest)
                *offset = oldest;
        if (*offset > log.end)
                *offset = log.end;
        bytes = smaller(bytes, log.end - *offset);
        size_t at = *offset % LOG_BYTES;
        size_t part = smaller(bytes, LOG_BYTES - at);
        memcpy(to, log.ring + at, part);
        memcpy(to + part, log.ring, bytes - part);
        return bytes;
}

/* Collects formatted text, so that the console gets few writes. */
struct output {
        size_t used;
        char text[128];
};

static void output_flush(struct output *output)
{
        log_write(output->text, output->used);
        output->used = 0;
}

static void output_put(struct output *output, char c)
{
        output->text[output->used++] = c;
        if (output->used == sizeof output->text)
                output_flush(output);
}

static void output_put_string(struct output *output, const char *text)
{
        for (text = text ? text : "(null)"; *text; text++)
                output_put(output, *text);
}

static void output_put_number(struct output *output, uint64_t value, unsigned base, unsigned width,
                              char fill)
{
        char digits[20];
        unsigned count = 0;
        do {
                digits[count++] = "0123456789abcdef"[value % base];
                value /= base;
        } while (value);
        for (; width > count; width--)
                output_put(output, fill);
        while (count)
                output_put(output, digits[--count]);
}

static void output_put_signed(struct output *output, int64_t value)
{
        if (value < 0)
                output_put(output, '-');
        output_put_number(output, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 0, ' ');
}

/* Prints the directive after a % and returns what follows it. */
static const char *output_put_directive(struct output *output, const char *format,
                                        va_list *arguments)
{
        char fill = *format == '0' ? '0' : ' ';
        unsigned width = 0;
        for (; *format >= '0' && *format <= '9'; format++)
                width = width * 10 + (unsigned)(*format - '0');
        bool is_long = false;
        for (; *format == 'l' || *format == 'z'; format++)
                is_long = true;

        switch (*format) {
        case 's':
                output_put_string(output, va_arg(*arguments, const char *));
                break;
        case 'c':
                output_put(output, (char)va_arg(*arguments, int));
                break;
        case 'd':
                output_put_signed(output,
                                  is_long ? va_arg(*arguments, long) : va_arg(*arguments, int));
                break;
        case 'u':
        case 'x':
                output_put_number(output,
                                  is_long ? va_arg(*arguments, unsigned long)
                                          : va_arg(*arguments, unsigned),
                                  *format == 'u' ? 10 : 16, width, fill);
                break;
        case 'p':
                output_put_number(output, (uint64_t)va_arg(*arguments, void *), 16, 16, '0');
                break;
        case '\0':
                return format;
        default:
                output_put(output, *format);
        }
        return format + 1;
}

void log_vprint(const char *format, va_list arguments)
{
        struct output output = {.used = 0};
        va_list rest;
        va_copy(rest, arguments);
        while (*format) {
                if (*format == '%')
                        format = output_put_directive(&output, format + 1, &rest);
                else
                        output_put(&output, *format++);
        }
        va_end(rest);
        output_flush(&output);
}

void log_print(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
}
