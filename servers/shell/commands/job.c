/* What a job says to its shell; see job.h. */
#include "servers/shell/commands/job.h"

#include <stdio.h>
#include <string.h>

#include "servers/proto/files.h"
#include "servers/proto/job.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/environment.h"
#include "servers/shell/folder.h"

enum { LINE_BYTES = 2 * SHELL_LINE_MAX + ENVIRONMENT_BYTES + FS_PATH_MAX };

/* ---- the line ----------------------------------------------------------------------------------
 */

/* Strings with a 0 behind each. */
static void words_take(struct words *words, const char *strings, size_t length)
{
        memcpy(words->text, strings, length);
        for (char *at = words->text; at < words->text + length && words->count < WORDS_MAX;
             at += strlen(at) + 1)
                words->word[words->count++] = at;
        words->word[words->count] = NULL;
}

static void environment_take(const char *strings, size_t length)
{
        const char *wrong;
        for (const char *at = strings; at < strings + length; at += strlen(at) + 1)
                environment_set(at, &wrong);
}

bool job_begin(struct job *job)
{
        static char buffer[LINE_BYTES], folder[FS_PATH_MAX]; /* large */
        const void *words, *environment, *path;
        size_t words_length, environment_length, path_length;
        uint64_t user = 0, rows = 0, columns = 0;
        outcome_t outcome = job_line(rt_handle("job"), RT_DEADLINE, buffer, sizeof buffer, &words,
                                     &words_length, &environment, &environment_length, &path,
                                     &path_length, &job->words.operators, &user, &rows, &columns);
        if (outcome != OUTCOME_OK || words_length == 0 || path_length >= sizeof folder ||
            words_length > sizeof job->words.text)
                return false;
        words_take(&job->words, words, words_length);
        environment_take(environment, environment_length);
        memcpy(folder, path, path_length);
        folder_change(folder);
        job->user = user != 0;
        job->rows = (unsigned)rows;
        job->columns = (unsigned)columns;
        return true;
}

/* ---- output ------------------------------------------------------------------------------------
 */

/* A shell that is gone takes this task along. */
static void show(enum job_shown how, const char *bytes, size_t length)
{
        while (length > 0) {
                size_t part = length < JOB_CHUNK ? length : JOB_CHUNK;
                if (job_show(rt_handle("job"), TIME_NEVER, how, bytes, part) != OUTCOME_OK)
                        return;
                bytes += part;
                length -= part;
        }
}

static void flush(struct job *job)
{
        show(JOB_SHOWN_TEXT, job->output, job->output_length);
        job->output_length = 0;
}

/* Keeps the beginning of a line until its end comes, unless it is too long for that. */
static void hold(struct job *job, const char *bytes, size_t length)
{
        if (length > sizeof job->output - job->output_length)
                flush(job);
        if (length > sizeof job->output) {
                show(JOB_SHOWN_TEXT, bytes, length);
                return;
        }
        memcpy(job->output + job->output_length, bytes, length);
        job->output_length += length;
}

void job_write(struct job *job, const void *bytes, size_t length)
{
        /* Whole lines are shown at once, so that those of several jobs do not mix. */
        size_t lines = length;
        const char *text = bytes;
        while (lines > 0 && text[lines - 1] != '\n')
                lines--;
        hold(job, text, lines);
        if (lines > 0)
                flush(job);
        hold(job, text + lines, length - lines);
}

void job_draw(struct job *job, const char *bytes, size_t length, bool raw)
{
        if (!job->user) { /* it has been put into the background */
                job_write(job, bytes, length);
                return;
        }
        flush(job);
        show(raw ? JOB_SHOWN_RAW : JOB_SHOWN_SCREEN, bytes, length);
}

static void print(struct job *job, const char *format, va_list arguments)
{
        char text[SHELL_LINE_MAX + 256];
        int length = vsnprintf(text, sizeof text, format, arguments);
        if (length > (int)sizeof text - 1)
                length = sizeof text - 1;
        job_write(job, text, length > 0 ? (size_t)length : 0);
}

void job_print(struct job *job, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        print(job, format, arguments);
        va_end(arguments);
}

int job_fail(struct job *job, const char *subject, outcome_t outcome)
{
        bool pattern = outcome_reason(outcome) == REASON_NOT_FOUND && strpbrk(subject, "*?[");
        job_print(job, "%s: %s: %s%s%s\n", job->name, subject, outcome_prefix(outcome),
                  reason_text(outcome_reason(outcome)),
                  pattern ? "; there are no patterns here: * and ? stand for themselves" : "");
        return STATUS_FAILED;
}

int job_complain(struct job *job, const char *format, ...)
{
        va_list arguments;
        job_print(job, "%s: ", job->name);
        va_start(arguments, format);
        print(job, format, arguments);
        va_end(arguments);
        job_print(job, "\n");
        return STATUS_FAILED;
}

void job_end(struct job *job, int status)
{
        flush(job);
        job_ended(rt_handle("job"), RT_DEADLINE, (uint64_t)status);
}
