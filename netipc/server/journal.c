/* A ring of lines, of which at most one is on its way to the log. */
#include "netipc/server/journal.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "servers/proto/log.h"
#include "servers/rt/task/log.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

static struct {
        handle_t call;       /* 0: not initialised */
        bool busy;           /* lines[first] is being written */
        uint32_t first, end; /* free-running */
        uint64_t second;     /* of the clock, in which `written` lines were taken */
        unsigned written;
        unsigned left_out;
        char lines[JOURNAL_LINES][JOURNAL_LINE];
} the_journal;

outcome_t journal_init(handle_t port, uint64_t key)
{
        return sys_call_create_keyed(port, key, &the_journal.call);
}

/* A line that a living log refuses is lost: there is nobody to tell. Lines for a dead log wait. */
static void lines_send(void)
{
        while (!the_journal.busy && the_journal.first != the_journal.end) {
                handle_t log = rt_log_server();
                if (!log)
                        return;
                const char *line = the_journal.lines[the_journal.first % JOURNAL_LINES];
                size_t length = strlen(line);
                struct message message = {
                    .interface = LOG_INTERFACE,
                    .method = LOG_METHOD_WRITE,
                    .flags = MESSAGE_ONE_WAY,
                    .word_count = 1,
                    .words = {length},
                    .buffer_count = 1,
                    .buffers = {{(uint64_t)line, length}},
                };
                outcome_t outcome =
                    rt_call_start(log, the_journal.call, RT_DEADLINE, &message, NULL);
                the_journal.busy = outcome == OUTCOME_OK;
                if (!the_journal.busy && !rt_log_died(outcome))
                        the_journal.first++;
        }
}

void journal_work(void)
{
        if (the_journal.first != the_journal.end)
                lines_send();
}

void journal_done(void)
{
        if (!the_journal.busy)
                return;
        outcome_t outcome = rt_call_finish(the_journal.call, NULL);
        if (outcome == not_executed(REASON_BUSY))
                return;
        the_journal.busy = false;
        if (!rt_log_died(outcome))
                the_journal.first++;
}

/* Room for a line; NULL: it is left out. */
static char *line_take(uint64_t now)
{
        if (now / RT_SECOND != the_journal.second) {
                the_journal.second = now / RT_SECOND;
                the_journal.written = 0;
        }
        if (the_journal.end - the_journal.first == JOURNAL_LINES ||
            the_journal.written == JOURNAL_PER_SECOND)
                return NULL;
        the_journal.written++;
        return the_journal.lines[the_journal.end++ % JOURNAL_LINES];
}

static void line_write(const char *text)
{
        uint64_t now = rt_now();
        char *line = the_journal.left_out ? line_take(now) : NULL;
        if (line) {
                snprintf(line, JOURNAL_LINE, "%u lines are left out\n", the_journal.left_out);
                the_journal.left_out = 0;
        }
        line = line_take(now);
        if (line)
                snprintf(line, JOURNAL_LINE, "%.*s\n", JOURNAL_LINE - 2, text);
        else
                the_journal.left_out++;
}

void journal(const char *format, ...)
{
        char text[JOURNAL_LINE];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (the_journal.call)
                line_write(text);
        else
                rt_log("%s", text);
}
