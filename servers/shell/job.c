/* Jobs and their output; see job.h. */
#include "servers/shell/job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/shell/calls.h"
#include "servers/shell/command.h"
#include "servers/shell/terminal.h"

_Static_assert(FIBERS >= 3 + 1 + JOBS_BACKGROUND, "reader, writer, front; foreground; background");

static struct {
        struct job_screen screen;
        struct job foreground;
        struct job background[JOBS_BACKGROUND];
        bool foreground_runs;  /* a command is under way in the foreground */
        bool showing;          /* a job writes to the terminal: others wait */
        int background_status; /* of the last background job that failed */
        bool exit;
} jobs;

void jobs_init(const struct job_screen *screen)
{
        jobs.screen = *screen;
}

/* ---- output ---- */

/* On a batch terminal SHELL_MARK begins the end of an answer; in output it is doubled. */
static void batch_show(const char *bytes, size_t length)
{
        while (length > 0) {
                const char *mark = memchr(bytes, SHELL_MARK, length);
                size_t part = mark ? (size_t)(mark - bytes) + 1 : length;
                terminal_write(bytes, part);
                if (mark)
                        terminal_write(mark, 1);
                bytes += part;
                length -= part;
        }
}

static void lines_show(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        terminal_write_lines(bytes, length);
}

static void above_show(struct job *job, const char *bytes, size_t length)
{
        jobs.screen.hide();
        visible_write(&job->visible, bytes, length, lines_show, NULL);
        if (bytes[length - 1] != '\n')
                terminal_write("\r\n", 2);
        jobs.screen.show();
}

static void show(struct job *job, const char *bytes, size_t length)
{
        if (length == 0)
                return;
        while (jobs.showing || (jobs.screen.batch && !jobs.foreground_runs))
                fiber_wait(FIBER_NEVER);
        jobs.showing = true;
        if (jobs.screen.batch) {
                batch_show(bytes, length);
        } else if (job->number > 0 && !jobs.foreground_runs) {
                above_show(job, bytes, length);
        } else {
                visible_write(&job->visible, bytes, length, lines_show, NULL);
        }
        jobs.showing = false;
        fibers_wake_all();
}

bool job_has_user(const struct job *job, unsigned *rows, unsigned *columns)
{
        if (jobs.screen.batch || job->number > 0)
                return false;
        jobs.screen.size(rows, columns);
        return true;
}

void job_keyboard_give(struct job *job, struct keyboard *keyboard)
{
        if (keyboard)
                keyboard->resized = jobs.screen.resized;
        job->keyboard = keyboard;
        fibers_wake_all();
        while (job->passing)
                fiber_wait(FIBER_NEVER);
}

static void screen_show(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        terminal_write(bytes, length);
}

void job_show(struct job *job, const char *bytes, size_t length, bool raw)
{
        while (jobs.showing)
                fiber_wait(FIBER_NEVER);
        jobs.showing = true;
        if (raw) {
                visible_end(&job->visible, screen_show, NULL);
                terminal_write(bytes, length);
        } else {
                visible_write(&job->visible, bytes, length, screen_show, NULL);
        }
        jobs.showing = false;
        fibers_wake_all();
}

static void flush(struct job *job)
{
        size_t length = job->output_length;
        job->output_length = 0;
        show(job, job->output, length);
}

/* Keeps the beginning of a line until its end comes, unless it is too long for that. */
static void hold(struct job *job, const char *bytes, size_t length)
{
        if (length > sizeof job->output - job->output_length)
                flush(job);
        if (length > sizeof job->output) {
                show(job, bytes, length);
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
        return calls_cancelled() ? STATUS_CANCELLED : STATUS_FAILED;
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

/* ---- running ---- */

/* A line about a job in the background, with its words. */
static void say(struct job *to, const struct job *job, const char *state)
{
        job_print(to, "[%d] %s", job->number, state);
        for (int i = 0; i < job->words.count; i++)
                job_print(to, " %s", job->words.word[i]);
        job_print(to, "\n");
}

void jobs_list(struct job *to)
{
        for (int i = 0; i < JOBS_BACKGROUND; i++)
                if (jobs.background[i].used)
                        say(to, &jobs.background[i], "running:");
}

static void job_fiber(void *argument)
{
        struct job *job = argument;
        job->status = command_run(job, job->words.count, job->words.word);
        if (calls_cancelled() && job->status != STATUS_OK)
                job->status = STATUS_CANCELLED;
        if (job->number > 0) {
                calls_fresh(job->fiber); /* its end is said, whatever there was no room for */
                say(job, job, job->status == STATUS_OK ? "done:" : "failed:");
                if (job->status != STATUS_OK)
                        jobs.background_status = job->status;
        }
        flush(job);
        visible_end(&job->visible, lines_show, NULL);
        job->ended = true;
        if (job->number > 0)
                job->used = false;
        fibers_wake_all();
}

static void job_start(struct job *job, int number, const struct words *words)
{
        *job = (struct job){.used = true, .number = number};
        words_copy(&job->words, words, 0);
        job->fiber = fiber_start(job_fiber, job);
        if (job->fiber < 0)
                abort(); /* there is one for each job: the assertion above */
        calls_fresh(job->fiber);
}

static struct job *background_free(int *number)
{
        for (int i = 0; i < JOBS_BACKGROUND; i++) {
                if (!jobs.background[i].used) {
                        *number = i + 1;
                        return &jobs.background[i];
                }
        }
        return NULL;
}

static int run_background(const struct words *words)
{
        int number = 0;
        struct job *job = background_free(&number);
        char text[64];
        if (job)
                job_start(job, number, words);
        if (job)
                snprintf(text, sizeof text, "[%d]\n", number);
        else
                snprintf(text, sizeof text, "%d jobs run already; `wait` waits for them\n",
                         JOBS_BACKGROUND);
        if (jobs.screen.batch)
                terminal_write(text, strlen(text));
        else
                terminal_write_lines(text, strlen(text));
        return job ? STATUS_OK : STATUS_FAILED;
}

static void interrupt(struct job *job)
{
        if (!jobs.screen.batch)
                terminal_write("^C\r\n", 4);
        calls_cancel(job->fiber);
}

static uint64_t keys_pass(struct job *job)
{
        job->passing = true;
        uint64_t until = keyboard_pass(job->keyboard);
        job->passing = false;
        fiber_wake(job->fiber); /* it may wait for that */
        return until;
}

int job_run(const struct words *words)
{
        struct job *job = &jobs.foreground;
        if (words->background)
                return run_background(words);
        jobs.foreground_runs = true;
        job_start(job, 0, words);
        fibers_wake_all();
        while (!job->ended) {
                uint64_t until = FIBER_NEVER;
                if (job->keyboard)
                        until = keys_pass(job);
                else if (terminal_take_interrupt())
                        interrupt(job);
                fiber_wait(until);
        }
        job->used = false;
        jobs.foreground_runs = false;
        while (jobs.showing)
                fiber_wait(FIBER_NEVER);
        return job->status;
}

int jobs_wait(void)
{
        for (int i = 0; i < JOBS_BACKGROUND; i++) {
                while (jobs.background[i].used) {
                        if (calls_cancelled())
                                return STATUS_CANCELLED;
                        fiber_wait(FIBER_NEVER);
                }
        }
        int status = jobs.background_status;
        jobs.background_status = STATUS_OK;
        return status;
}

bool jobs_cancel(uint64_t number)
{
        if (number == 0 || number > JOBS_BACKGROUND || !jobs.background[number - 1].used)
                return false;
        const struct job *job = &jobs.background[number - 1];
        assert(job->number == (int)number && !job->ended);
        calls_cancel(job->fiber);
        return true;
}

void jobs_exit(void)
{
        jobs.exit = true;
}

bool jobs_take_exit(void)
{
        bool taken = jobs.exit;
        jobs.exit = false;
        return taken;
}
