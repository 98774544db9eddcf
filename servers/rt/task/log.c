/* From a line to the log:
 *
 *      rt_log ──> log server ──it has died──> kept ──there is another──> log server
 *                     └── no log server, and the program holds a console ──> the kernel's log
 */
#include "servers/rt/task/log.h"

#include "servers/proto/log.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/held.h"
#include "servers/rt/task/lock.h"

enum { KERNEL_LOG_MAX = 1024, KEPT_BYTES = 2048 };

/* What was said since the server died. */
static struct {
        size_t used;
        bool lost; /* there was more */
        char text[KEPT_BYTES];
} kept;

handle_t rt_log_server(void)
{
        handle_t right = rt_handle("log");
        if (right != rt_held.log) {
                if (rt_held.log)
                        sys_handle_close(rt_held.log);
                rt_held.log = right;
                rt_held.log_dead = false;
        }
        return rt_held.log_dead ? 0 : right;
}

bool rt_log_died(outcome_t outcome)
{
        if (outcome != not_executed(REASON_RECEIVER_DIED))
                return false;
        rt_held.log_dead = true;
        return true;
}

static outcome_t server_write(const char *text, size_t bytes)
{
        handle_t log = rt_log_server();
        return log ? log_write(log, rt_after(RT_LOG_WAIT), text, bytes)
                   : not_executed(REASON_RECEIVER_DIED);
}

/* The oldest lines say how the trouble began: those are kept. */
static void keep(const char *text, size_t bytes)
{
        kept.lost |= bytes > sizeof kept.text - kept.used;
        if (kept.lost)
                return;
        bytes_copy(kept.text + kept.used, text, bytes);
        kept.used += bytes;
}

void rt_log_flush(void)
{
        static const char lost[] = "lines are lost: there was no log\n";
        if (!kept.used && !kept.lost)
                return;
        if (rt_log_died(server_write(kept.text, kept.used)))
                return;
        if (kept.lost)
                server_write(lost, sizeof lost - 1);
        kept.used = 0;
        kept.lost = false;
}

/* Everybody writes to the kernel's log, so its lines begin with the component's name. */
static bool kernel_write(const char *text, size_t bytes)
{
        handle_t hardware = rt_handle("hardware");
        if (!hardware)
                hardware = rt_handle("console");
        if (!hardware)
                return false;
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
        return true;
}

/* Threads write one after the other: all of this is under the lock. */
static struct lock writing;

void rt_log_forked(void)
{
        writing = (struct lock){0};
        rt_held.log = 0;
        rt_held.log_dead = false;
}

static void log_bytes(const void *text, size_t bytes)
{
        const char *at = text;
        rt_log_flush();
        while (bytes) {
                size_t part = bytes < RT_LOG_CHUNK ? bytes : RT_LOG_CHUNK;
                outcome_t outcome = server_write(at, part);
                if (outcome != OUTCOME_OK && !kernel_write(at, part) && rt_log_died(outcome))
                        keep(at, part);
                at += part;
                bytes -= part;
        }
}

void rt_log_bytes(const void *text, size_t bytes)
{
        lock_take(&writing);
        log_bytes(text, bytes);
        lock_release(&writing);
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
