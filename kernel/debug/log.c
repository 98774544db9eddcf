/* The log ring, and formatted text on its way into it. Nothing here allocates, waits or can fail: a
 * panic uses it. What the serial line has not taken yet is what lies between `sent` and `end`;
 * where the ring has gone on over it, the line is told how much it has missed. */
#include "kernel/debug/log.h"
#include "kernel/arch/arch.h"
#include "kernel/common/format.h"
#include "kernel/lib/string.h"

/* Collects formatted text, so that the console gets few writes. */
struct log_line {
        struct format_output output;
        size_t used;
        char text[128];
};

static struct {
        uint64_t end;  /* running offset of the next byte */
        uint64_t sent; /* of the next byte for the serial line */
        char ring[LOG_BYTES];
        struct log_line notice; /* for the serial line, before the byte at `sent` */
        size_t notice_sent;
} log;

/* So much is sent at once, at most: it takes a virtual machine a while, too. */
enum { SEND_MOST = 1024 };

static size_t smaller(size_t a, size_t b)
{
        return a < b ? a : b;
}

static void ring_append(const char *text, size_t bytes)
{
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

/* What fits is left in the line. */
static void line_vprint(struct log_line *line, const char *format, va_list arguments)
{
        line->output.put = line_put;
        line->used = 0;
        format_write(&line->output, format, arguments);
}

static void notice_print(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        line_vprint(&log.notice, format, arguments);
        va_end(arguments);
        log.notice_sent = 0;
}

/* Sends the notice, if there is one; false: the line has taken all that it can. */
static bool notice_send(void)
{
        size_t left = log.notice.used - log.notice_sent;
        log.notice_sent += console_send(log.notice.text + log.notice_sent, left);
        return log.notice_sent == log.notice.used;
}

/* Tells the line what it has missed, each notice when the one before has gone: else what that said
 * would be lost. False: it has not taken all of it yet. */
static bool tell_missed(void)
{
        uint64_t oldest = log.end > LOG_BYTES ? log.end - LOG_BYTES : 0;
        if (!notice_send())
                return false;
        if (log.sent >= oldest)
                return true;
        notice_print("\n[%lu bytes of the log are not shown]\n", oldest - log.sent);
        log.sent = oldest;
        return notice_send();
}

void log_send(void)
{
        for (size_t most = SEND_MOST; tell_missed() && log.sent < log.end && most > 0;) {
                size_t at = log.sent % LOG_BYTES;
                size_t part = smaller(smaller(log.end - log.sent, LOG_BYTES - at), most);
                size_t taken = console_send(log.ring + at, part);
                log.sent += taken;
                most = taken < part ? 0 : most - part;
        }
}

bool log_is_behind(void)
{
        return log.sent < log.end;
}

uint64_t log_sent(void)
{
        return log.sent;
}

void log_flush(void)
{
        do
                log_send();
        while (log_is_behind() && console_wait());
}

void log_write(const char *text, size_t bytes)
{
        console_show(text, bytes);
        ring_append(text, bytes);
        log_send();
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

void log_vprint(const char *format, va_list arguments)
{
        struct log_line line;
        line_vprint(&line, format, arguments);
        line_flush(&line);
}

void log_print(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        log_vprint(format, arguments);
        va_end(arguments);
}
