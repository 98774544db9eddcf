/* The log ring, and formatted text on its way into it. Nothing here allocates or can fail: a panic
 * uses it. */
#include "kernel/debug/log.h"
#include "kernel/arch/arch.h"
#include "kernel/common/format.h"
#include "kernel/lib/string.h"

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
struct log_line {
        struct format_output output;
        size_t used;
        char text[128];
};

static void line_flush(struct log_line *line)
{
        log_write(line->text, line->used);
        line->used = 0;
}

static void line_put(struct format_output *output, char c)
{
        struct log_line *line = (struct log_line *)output;
        line->text[line->used++] = c;
        if (line->used == sizeof line->text)
                line_flush(line);
}

void log_vprint(const char *format, va_list arguments)
{
        struct log_line line;
        line.output.put = line_put;
        line.used = 0;
        format_write(&line.output, format, arguments);
        line_flush(&line);
}

void log_print(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
}
