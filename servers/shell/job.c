/* Jobs and their output; see job.h. */
#include "servers/shell/job.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "servers/shell/calls.h"
#include "servers/shell/command.h"
#include "servers/shell/terminal.h"

_Static_assert(FIBERS >= 3 + 1 + JOBS_BACKGROUND, "reader, writer, front; foreground; background");

enum { JOBS = 1 + JOBS_BACKGROUND };

static struct {
        struct job_screen screen;
        struct job list[JOBS];
        struct job *next;      /* is to have the foreground when the command there has ended */
        uint64_t latest;       /* number of the job that was put into the background last */
        struct job own;        /* what the front itself says of jobs */
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

static void users_await(const struct job *job)
{
        fibers_wake_all();
        while (job->users > 0)
                fiber_wait(FIBER_NEVER);
}

void job_keyboard_give(struct job *job, struct keyboard *keyboard)
{
        if (keyboard)
                keyboard->resized = jobs.screen.resized;
        job->keyboard = keyboard;
        users_await(job);
}

void job_programs_give(struct job *job, const struct job_programs *programs)
{
        job->programs = programs;
        users_await(job);
}

static void screen_show(void *unused, const char *bytes, size_t length)
{
        (void)unused;
        terminal_write(bytes, length);
}

void job_show(struct job *job, const char *bytes, size_t length, bool raw)
{
        if (job->number > 0) { /* it has been put into the background */
                job_write(job, bytes, length);
                return;
        }
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

/* The job of that number in the background; NULL: there is none. */
static struct job *numbered(uint64_t number)
{
        for (int i = 0; i < JOBS; i++)
                if (number > 0 && jobs.list[i].used && (uint64_t)jobs.list[i].number == number)
                        return &jobs.list[i];
        return NULL;
}

/* A number that no job has; 0: there is none left. */
static int number_free(void)
{
        for (int number = 1; number <= JOBS_BACKGROUND; number++)
                if (!numbered((uint64_t)number))
                        return number;
        return 0;
}

/* A line about a job in the background, with its words. */
static void say(struct job *to, const struct job *job, const char *state)
{
        job_print(to, "[%d] %s", job->number, state);
        for (int i = 0; i < job->words.count; i++)
                job_print(to, " %s", job->words.word[i]);
        job_print(to, "\n");
}

static bool is_stopped(const struct job *job)
{
        return job->programs && job->programs->stopped(job->programs->context);
}

void jobs_list(struct job *to)
{
        for (int number = 1; number <= JOBS_BACKGROUND; number++) {
                const struct job *job = numbered((uint64_t)number);
                if (job)
                        say(to, job, is_stopped(job) ? "stopped:" : "running:");
        }
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

/* There is a place: one more than there are numbers. */
static struct job *job_start(int number, const struct words *words)
{
        struct job *job = jobs.list;
        while (job->used)
                job++;
        assert(job < jobs.list + JOBS);
        *job = (struct job){.used = true, .number = number};
        words_copy(&job->words, words, 0);
        job->fiber = fiber_start(job_fiber, job);
        if (job->fiber < 0)
                abort(); /* there is one for each job: the assertion above */
        calls_fresh(job->fiber);
        return job;
}

static int run_background(const struct words *words)
{
        const int number = number_free();
        char text[64];
        if (number > 0)
                job_start(number, words);
        if (number > 0)
                snprintf(text, sizeof text, "[%d]\n", number);
        else
                snprintf(text, sizeof text, "%d jobs run already; `wait` waits for them\n",
                         JOBS_BACKGROUND);
        if (jobs.screen.batch)
                terminal_write(text, strlen(text));
        else
                terminal_write_lines(text, strlen(text));
        return number > 0 ? STATUS_OK : STATUS_FAILED;
}

static void interrupt(struct job *job)
{
        if (!jobs.screen.batch)
                terminal_write("^C\r\n", 4);
        calls_cancel(job->fiber);
}

static void user_done(struct job *job)
{
        job->users--;
        fiber_wake(job->fiber); /* it may wait for that */
}

static uint64_t keys_pass(struct job *job)
{
        job->users++;
        uint64_t until = keyboard_pass(job->keyboard);
        user_done(job);
        return until;
}

/* The terminal may have another size than when the job had it. */
static void size_tell(struct job *job)
{
        unsigned rows, columns;
        jobs.screen.size(&rows, &columns);
        job->users++;
        keyboard_size(job->keyboard, rows, columns);
        user_done(job);
}

static void programs_signal(struct job *job, unsigned signal)
{
        job->users++;
        job->programs->signal(job->programs->context, signal);
        user_done(job);
}

/* A job whose programs have stopped goes into the background. Without a number for it, it goes on.
 */
static bool set_aside(struct job *job)
{
        if (!is_stopped(job))
                return false;
        job->number = number_free();
        if (job->number == 0) {
                programs_signal(job, SIGCONT);
                return false;
        }
        jobs.latest = (uint64_t)job->number;
        if (!jobs.screen.batch)
                terminal_write("\r\n", 2); /* behind the ^Z */
        say(&jobs.own, job, "stopped:");
        return true;
}

/* Until the job has ended, or is set aside. */
static int foreground_run(struct job *job)
{
        while (!job->ended && !set_aside(job)) {
                uint64_t until = FIBER_NEVER;
                if (job->keyboard)
                        until = keys_pass(job);
                else if (terminal_take_interrupt())
                        interrupt(job);
                fiber_wait(until);
        }
        if (!job->ended)
                return STATUS_STOPPED;
        job->used = false;
        return job->status;
}

/* The job that `fg` has named; it may have ended meanwhile. */
static int next_run(struct job *job)
{
        if (!job->used)
                return STATUS_OK;
        say(&jobs.own, job, "goes on:");
        job->number = 0;
        if (job->keyboard)
                size_tell(job);
        if (is_stopped(job))
                programs_signal(job, SIGCONT);
        return foreground_run(job);
}

int job_run(const struct words *words)
{
        struct job *next;
        if (words->background)
                return run_background(words);
        jobs.foreground_runs = true;
        struct job *job = job_start(0, words);
        fibers_wake_all();
        int status = foreground_run(job);
        while ((next = jobs.next)) {
                jobs.next = NULL;
                status = next_run(next);
        }
        jobs.foreground_runs = false;
        while (jobs.showing)
                fiber_wait(FIBER_NEVER);
        return status;
}

int jobs_wait(void)
{
        for (uint64_t number = 1; number <= JOBS_BACKGROUND; number++) {
                const struct job *job;
                while ((job = numbered(number)) && !is_stopped(job)) {
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
        const struct job *job = numbered(number);
        if (!job)
                return false;
        assert(!job->ended);
        calls_cancel(job->fiber);
        return true;
}

bool jobs_signal(uint64_t number, unsigned signal)
{
        struct job *job = numbered(number);
        if (!job || !job->programs)
                return false;
        programs_signal(job, signal);
        return true;
}

bool jobs_resume(uint64_t number, bool foreground)
{
        struct job *job = numbered(number ? number : jobs.latest);
        if (!job)
                return false;
        if (foreground)
                jobs.next = job;
        else if (is_stopped(job))
                programs_signal(job, SIGCONT);
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
