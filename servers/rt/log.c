#include "servers/rt/log.h"

#include <stdbool.h>
#include "servers/proto/log.h"
#include "servers/rt/bytes.h"
#include "servers/rt/format.h"
#include "servers/rt/startup.h"

enum { KERNEL_LOG_MAX = 1024, LOG_CHUNK = 4096 };

static bool server_write(const char *text, size_t bytes)
{
        static handle_t known;
        handle_t log = rt_handle("log");
        /* A log that has begun anew: the supervisor has put another right there. */
        if (known && known != log)
                sys_handle_close(known);
        known = log;
        return log && log_write(log, rt_after(RT_LOG_WAIT), text, bytes) == OUTCOME_OK;
}

/* The kernel's log has lines of everybody: they begin with the component's name. */
static void kernel_write(const char *text, size_t bytes)
{
        handle_t hardware = rt_handle("hardware");
        if (!hardware)
                hardware = rt_handle("console");
        if (!hardware)
                return;
        char line[KERNEL_LOG_MAX];
        string_set(line, STARTUP_NAME, rt_component());
        size_t length = string_length(line);
        line[length++] = ':';
        line[length++] = ' ';
        for (size_t i = 0; i < bytes && length + 1 < sizeof line; i++)
                line[length++] = text[i];
        if (line[length - 1] != '\n')
                line[length++] = '\n';
        sys_log_write(hardware, line, length);
}

void rt_log_bytes(const void *text, size_t bytes)
{
        const char *at = text;
        while (bytes) {
                size_t part = bytes < LOG_CHUNK ? bytes : LOG_CHUNK;
                if (!server_write(at, part))
                        kernel_write(at, part);
                at += part;
                bytes -= part;
        }
}

void rt_log(const char *format, ...)
{
        char line[RT_LOG_LINE];
        va_list arguments;
        va_start(arguments, format);
        size_t length = format_text(line, sizeof line - 1, format, arguments);
        va_end(arguments);
        line[length++] = '\n';
        rt_log_bytes(line, length);
}
