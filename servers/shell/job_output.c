/* What jobs write, and where it appears; see jobs.h. */
#include "servers/shell/jobs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "servers/proto/shell.h"
#include "servers/shell/terminal.h"

static void lines_show(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        terminal_write_lines(bytes, length);
}

static void screen_show(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        terminal_write(bytes, length);
}

static void above_show(struct job *job)
{
        jobs.screen.hide();
        visible_write(&job->visible, job->text, job->length, lines_show, NULL);
        if (job->text[job->length - 1] != '\n')
                terminal_write("\r\n", 2);
        jobs.screen.show();
}

/* The user edits a line, which waits while its word is completed. */
static bool is_editing(void)
{
        return !jobs.foreground_runs || (jobs.foreground && jobs.foreground->completion);
}

static void text_show(struct job *job)
{
        if (jobs.screen.batch) {
                jobs.screen.write(job->text, job->length);
        } else if (job->number > 0 && is_editing()) {
                above_show(job);
        } else if (job->how == JOB_SHOWN_RAW) {
                visible_end(&job->visible, screen_show, NULL);
                terminal_write(job->text, job->length);
        } else {
                visible_write(&job->visible, job->text, job->length,
                              job->how == JOB_SHOWN_SCREEN ? screen_show : lines_show, NULL);
        }
}

/* Names, a line each: what stands behind one is its last character. */
static void names_take(struct job *job)
{
        const char *at = job->text, *end = at + job->length, *newline;
        while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
                if (newline > at)
                        completion_offer(job->completion, at, (size_t)(newline - 1 - at),
                                         newline[-1]);
                at = newline + 1;
        }
}

bool job_output(struct job *job)
{
        if (job->length > 0) {
                if (job->completion)
                        names_take(job);
                else if (!jobs.screen.has_room() || (jobs.screen.batch && !jobs.foreground_runs))
                        return false;
                else
                        text_show(job);
                job->length = 0;
        }
        if (job->writer)
                job_show_reply(job->writer);
        job->writer = 0;
        return true;
}

void job_output_end(struct job *job)
{
        if (!job->completion)
                visible_end(&job->visible, lines_show, NULL);
}

/* A command of the shell's own is in the foreground, and takes what room there is. */
static void own_show(char *text, size_t length)
{
        struct visible visible = {0};
        if (jobs.screen.batch) {
                jobs.screen.write(text, length);
                return;
        }
        visible_write(&visible, text, length, lines_show, NULL);
        visible_end(&visible, lines_show, NULL);
}

void jobs_print(struct job *job, const char *format, ...)
{
        char text[SHELL_LINE_MAX + 64];
        va_list arguments;
        va_start(arguments, format);
        int written = vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        assert(written >= 0);
        size_t length = (size_t)written < sizeof text ? (size_t)written : sizeof text - 1;
        if (!job) {
                own_show(text, length);
                return;
        }
        if (job->length == 0)
                job->how = JOB_SHOWN_TEXT;
        size_t room = sizeof job->text - job->length;
        memcpy(job->text + job->length, text, length < room ? length : room);
        job->length += length < room ? length : room;
}
