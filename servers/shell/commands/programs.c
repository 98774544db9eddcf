/* Programs while they run: what they say, the signals for them, how they stop and end.
 *
 *      job's fiber       shows what they say, until nobody can say more; then waits for the status
 *      front's fiber     hands on keys and signals; looks whether they have stopped
 *      other commands    fg, bg, kill: signals
 *
 * The last program's is what the line comes to. One call, `watch`, waits for its stop or end; it
 * wakes all fibers, and whoever looks collects it. */
#include <signal.h>

#include "servers/proto/keyboard.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/proto/tty.h"
#include "servers/shell/calls.h"
#include "servers/shell/commands/pipeline.h"

enum { OUTPUT_CHUNK = 4096, SIGNAL_STATUS = 128 };

/* ---- the watch ---------------------------------------------------------------------------------
 */

static const struct stage *last_of(const struct pipeline *line)
{
        return &line->stages[line->count - 1];
}

static void over(struct pipeline *line, outcome_t outcome, uint64_t status)
{
        line->over = true;
        line->stopped = false;
        line->outcome = outcome;
        line->status = status;
}

static void watch_begin(struct pipeline *line)
{
        outcome_t outcome = OUTCOME_OK;
        if (line->watches || line->over)
                return;
        if (!line->watch)
                outcome = sys_call_create(calls_event(), CALLS_NEWS, &line->watch);
        if (outcome == OUTCOME_OK)
                outcome = process_wait_start(last_of(line)->process, line->watch, TIME_NEVER,
                                             optional_word(true));
        line->watches = outcome == OUTCOME_OK;
        if (outcome != OUTCOME_OK)
                over(line, outcome, 0);
}

/* Takes what the watch has told. Waits for nothing. */
static void watch_look(struct pipeline *line)
{
        uint64_t status = 0;
        if (!line->watches)
                return;
        outcome_t outcome = process_wait_finish(line->watch, &status);
        if (outcome == not_executed(REASON_BUSY))
                return;
        line->watches = false;
        if (outcome == OUTCOME_OK && status & PROCESS_STOPPED)
                line->stopped = true;
        else
                over(line, outcome, status);
}

/* ---- signals -----------------------------------------------------------------------------------
 */

/* To all; who gets SIGCONT is watched anew. */
static void signal_all(void *context, unsigned signal)
{
        struct pipeline *line = context;
        for (int i = 0; i < line->count; i++)
                process_kill(line->stages[i].process, RT_DEADLINE, signal, optional_none());
        if (signal != SIGCONT)
                return;
        line->stopped = false;
        watch_begin(line);
}

static bool signal_group(const struct pipeline *line, unsigned signal, uint64_t group)
{
        bool sent = false;
        for (int i = 0; i < line->count; i++)
                sent = process_kill(line->stages[i].process, RT_DEADLINE, signal,
                                    optional_word(group)) == OUTCOME_OK ||
                       sent;
        return sent;
}

/* The keys ask for signals: those of that group get them, which may be programs that one of the
 * line has started, or else (0, or there is none) all programs of the line. */
static void signals_send(void *context, uint64_t signals, uint64_t group)
{
        for (unsigned signal = 1; signal < 64; signal++)
                if (signals >> signal & 1 && !(group && signal_group(context, signal, group)))
                        signal_all(context, signal);
}

static bool stopped(void *context)
{
        struct pipeline *line = context;
        watch_look(line);
        return line->stopped;
}

/* ---- what they say -----------------------------------------------------------------------------
 */

/* Shows all that the programs say, until none of them can say more. */
static outcome_t output_show(struct job *job, handle_t output)
{
        char bytes[OUTPUT_CHUNK];
        for (;;) {
                size_t length = 0;
                uint64_t lost;
                outcome_t outcome =
                    tty_read(output, TIME_NEVER, sizeof bytes, bytes, sizeof bytes, &length, &lost);
                if (outcome != OUTCOME_OK || length == 0)
                        return outcome;
                job_write(job, bytes, length);
        }
}

static outcome_t screen_show(struct job *job, handle_t terminal)
{
        char bytes[OUTPUT_CHUNK];
        for (;;) {
                size_t length = 0;
                uint64_t raw = 0;
                outcome_t outcome = keyboard_shown(terminal, TIME_NEVER, sizeof bytes, bytes,
                                                   sizeof bytes, &length, &raw);
                if (outcome != OUTCOME_OK || length == 0)
                        return outcome;
                job_show(job, bytes, length, raw != 0);
        }
}

/* With the user's keys for the programs, where they have the terminal. */
static outcome_t line_show(struct job *job, struct pipeline *line)
{
        if (!line->terminal)
                return output_show(job, line->output);
        line->keyboard =
            (struct keyboard){.terminal = line->output, .signal = signals_send, .context = line};
        job_keyboard_give(job, &line->keyboard);
        outcome_t outcome = screen_show(job, line->output);
        job_keyboard_give(job, NULL);
        return outcome;
}

/* ---- the end -----------------------------------------------------------------------------------
 */

static void status_await(struct pipeline *line)
{
        for (;;) {
                watch_look(line);
                if (line->over)
                        return;
                if (calls_cancelled()) {
                        over(line, not_executed(REASON_CANCELLED), 0);
                        return;
                }
                fiber_wait(FIBER_NEVER);
        }
}

/* The last program's own status. */
static int status_say(struct job *job, const struct pipeline *line)
{
        const char *name = last_of(line)->words[0];
        if (line->outcome != OUTCOME_OK)
                return job_fail(job, name, line->outcome);
        if (!(line->status & PROCESS_SIGNALLED))
                return (int)(line->status & 0xff);
        unsigned signal = (unsigned)(line->status & 0x7f);
        if (line->terminal && signal == SIGINT)
                job_print(job, "\n"); /* behind the ^C */
        else
                job_complain(job, "%s: ended by signal %u; the log has more (`log`)", name, signal);
        return SIGNAL_STATUS + (int)signal;
}

int pipeline_follow(struct job *job, struct pipeline *line)
{
        line->programs =
            (struct job_programs){.context = line, .signal = signal_all, .stopped = stopped};
        watch_begin(line);
        job_programs_give(job, &line->programs);
        outcome_t outcome = line_show(job, line);
        if (outcome == OUTCOME_OK)
                status_await(line);
        job_programs_give(job, NULL);
        return outcome == OUTCOME_OK ? status_say(job, line) : job_fail(job, "output", outcome);
}

static void handle_drop(handle_t *handle)
{
        if (*handle)
                sys_handle_close(*handle);
        *handle = 0;
}

void pipeline_drop(struct pipeline *line)
{
        for (int i = 0; i < line->count; i++)
                handle_drop(&line->stages[i].process);
        handle_drop(&line->watch);
        handle_drop(&line->output);
}
