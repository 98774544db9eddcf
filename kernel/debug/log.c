/* The log ring and the kernel's formatter. */
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

/* Formatted text is gathered here, so that the console sees few writes. */
struct line {
        size_t used;
        char text[128];
};

static void line_flush(struct line *line)
{
        log_write(line->text, line->used);
        line->used = 0;
}

static void line_put(struct line *line, char c)
{
        line->text[line->used++] = c;
        if (line->used == sizeof line->text)
                line_flush(line);
}

static void line_put_string(struct line *line, const char *text)
{
        for (text = text ? text : "(null)"; *text; text++)
                line_put(line, *text);
}

static void line_put_number(struct line *line, uint64_t value, unsigned base, unsigned width,
                            char fill)
{
        char digits[20];
        unsigned count = 0;
        do {
                digits[count++] = "0123456789abcdef"[value % base];
                value /= base;
        } while (value);
        for (; width > count; width--)
                line_put(line, fill);
        while (count)
                line_put(line, digits[--count]);
}

static void line_put_signed(struct line *line, int64_t value)
{
        if (value < 0)
                line_put(line, '-');
        line_put_number(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 0, ' ');
}

/* The directive after a %: prints it and returns what follows it. */
static const char *line_put_directive(struct line *line, const char *format, va_list *arguments)
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
                line_put_string(line, va_arg(*arguments, const char *));
                break;
        case 'c':
                line_put(line, (char)va_arg(*arguments, int));
                break;
        case 'd':
                line_put_signed(line, is_long ? va_arg(*arguments, long) : va_arg(*arguments, int));
                break;
        case 'u':
        case 'x':
                line_put_number(line,
                                is_long ? va_arg(*arguments, unsigned long)
                                        : va_arg(*arguments, unsigned),
                                *format == 'u' ? 10 : 16, width, fill);
                break;
        case 'p':
                line_put_number(line, (uint64_t)va_arg(*arguments, void *), 16, 16, '0');
                break;
        case '\0':
                return format;
        default:
                line_put(line, *format);
        }
        return format + 1;
}

void log_vprint(const char *format, va_list arguments)
{
        struct line line = {.used = 0};
        va_list rest;
        va_copy(rest, arguments);
        while (*format) {
                if (*format == '%')
                        format = line_put_directive(&line, format + 1, &rest);
                else
                        line_put(&line, *format++);
        }
        va_end(rest);
        line_flush(&line);
}

void log_print(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
}
