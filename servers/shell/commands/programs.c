/* Programs while they run. Up to four calls are under way, each with a bit of one event:
 *
 *      SHOWN    of the pipe or terminal     what they say, until nobody can say more
 *      WATCHED  of the last program         its stop, that it goes on, its end: what the line
 *                                           comes to
 *      ORDERED  of the shell                signals from fg, bg and kill; the foreground again
 *      TYPED    of the shell                the user's keys, as long as the job has the foreground
 *                                           and a terminal
 *
 * When the last program stops, the keys are given back, and the shell sets the job aside until it
 * orders SIGCONT. The second of two SIGQUITs by one key after the other is SIGKILL, for all: that
 * is always there. */
#include <signal.h>

#include "servers/proto/job.h"
#include "servers/proto/keyboard.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/proto/tty.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/commands/pipeline.h"

enum {
        SHOWN = 1 << 0,
        WATCHED = 1 << 1,
        ORDERED = 1 << 2,
        TYPED = 1 << 3,
        SHOWN_CHUNK = 4096,
        KEYS_MOST = 512,
        ECHO_MOST = 8192,
        SIGNAL_STATUS = 128,
};

static struct follow {
        struct job *job;
        struct pipeline *line;
        handle_t event, shown, watched, ordered, typed; /* all but the first: calls */
        bool typing;                                    /* the call for keys is under way */
        bool silent;                                    /* nobody can say more … */
        outcome_t failure;                              /* … or why they cannot be heard */
        bool over;                                      /* the last program has ended … */
        uint64_t status;                                /* … with this outcome and status */
        outcome_t outcome;
        unsigned quits; /* SIGQUIT was asked for so often, by one key after the other */
        char bytes[SHOWN_CHUNK], keys[KEYS_MOST], echo[ECHO_MOST];
} follow; /* there is one line; large */

static const struct stage *last_of(const struct pipeline *line)
{
        return &line->stages[line->count - 1];
}

/* ---- the last program --------------------------------------------------------------------------
 */

static void over(outcome_t outcome, uint64_t status)
{
        follow.over = true;
        follow.outcome = outcome;
        follow.status = status;
}

/* Beside the end: what turns next. */
static void watch_start(enum process_turn turn)
{
        outcome_t outcome = process_wait_start(last_of(follow.line)->process, follow.watched,
                                               TIME_NEVER, optional_word(turn));
        if (outcome != OUTCOME_OK && outcome != not_executed(REASON_BUSY)) /* it is under way */
                over(outcome, 0);
}

/* It goes on: a stop that was told meanwhile is over. */
static void watch_anew(void)
{
        uint64_t status = 0, bits;
        outcome_t outcome;
        rt_call_cancel(follow.watched);
        while ((outcome = process_wait_finish(follow.watched, &status)) ==
                   not_executed(REASON_BUSY) &&
               sys_event_wait(follow.event, WATCHED, RT_DEADLINE, &bits) == OUTCOME_OK)
                ;
        if (outcome == OUTCOME_OK && !(status & (PROCESS_STOPPED | PROCESS_CONTINUED)))
                over(outcome, status);
        else
                watch_start(PROCESS_TURN_STOPS);
}

/* ---- signals -----------------------------------------------------------------------------------
 */

/* To all; who gets SIGCONT is watched anew. */
static void signal_all(unsigned signal)
{
        for (int i = 0; i < follow.line->count; i++)
                process_kill(follow.line->stages[i].process, RT_DEADLINE, signal, optional_none());
        if (signal == SIGCONT && !follow.over)
                watch_anew();
}

static bool signal_group(unsigned signal, uint64_t group)
{
        bool sent = false;
        for (int i = 0; i < follow.line->count; i++)
                sent = process_kill(follow.line->stages[i].process, RT_DEADLINE, signal,
                                    optional_word(group)) == OUTCOME_OK ||
                       sent;
        return sent;
}

/* Bit N for signal N. Those of the group get them, which may be programs that one of the line has
 * started, or else (0, or there is none) all programs of the line. */
static void signals_send(uint64_t signals, uint64_t group)
{
        for (unsigned signal = 1; signal < 64; signal++)
                if (signals >> signal & 1 && !(group && signal_group(signal, group)))
                        signal_all(signal);
}

/* ---- keys --------------------------------------------------------------------------------------
 */

static void keys_ask(void)
{
        if (follow.line->terminal && follow.job->user && !follow.typing)
                follow.typing = job_keys_start(rt_handle("job"), follow.typed, TIME_NEVER,
                                               follow.keys, sizeof follow.keys) == OUTCOME_OK;
}

static void resize(uint64_t rows, uint64_t columns)
{
        struct job *job = follow.job;
        uint64_t group = 0;
        if (rows == job->rows && columns == job->columns)
                return;
        job->rows = (unsigned)rows;
        job->columns = (unsigned)columns;
        if (keyboard_resize(follow.line->output, RT_DEADLINE, rows, columns, &group) == OUTCOME_OK)
                signals_send(1ull << SIGWINCH, group);
}

static void type(size_t length)
{
        uint64_t signals = 0, group = 0;
        size_t echo_length = 0;
        if (length == 0 ||
            keyboard_type(follow.line->output, RT_DEADLINE, follow.keys, length, &signals, &group,
                          follow.echo, sizeof follow.echo, &echo_length) != OUTCOME_OK)
                return;
        job_draw(follow.job, follow.echo, echo_length, true);
        follow.quits = signals & 1ull << SIGQUIT ? follow.quits + 1 : 0;
        if (follow.quits > 1)
                signals_send(1ull << SIGKILL, 0);
        else if (signals != 0)
                signals_send(signals, group);
}

static outcome_t typed_finish(size_t *length, uint64_t *rows, uint64_t *columns)
{
        outcome_t outcome =
            job_keys_finish(follow.typed, follow.keys, sizeof follow.keys, length, rows, columns);
        follow.typing = follow.typing && outcome == not_executed(REASON_BUSY);
        return outcome;
}

static void typed_take(void)
{
        uint64_t rows = 0, columns = 0;
        size_t length = 0;
        if (!follow.typing || typed_finish(&length, &rows, &columns) != OUTCOME_OK)
                return;
        resize(rows, columns);
        type(length);
        keys_ask();
}

/* What was typed and no program has read goes to the shell: what came last first. */
static void unread(size_t length)
{
        char *const bytes = follow.echo;
        if (length > 0)
                job_unread(rt_handle("job"), RT_DEADLINE, follow.keys, length);
        while (keyboard_take_back(follow.line->output, RT_DEADLINE, bytes, sizeof follow.echo,
                                  &length) == OUTCOME_OK &&
               length > 0)
                job_unread(rt_handle("job"), RT_DEADLINE, bytes, length);
}

/* The shell has the keys again when it has answered. */
static void keys_give_back(void)
{
        size_t length = 0;
        uint64_t rows, columns, bits;
        outcome_t outcome;
        if (!follow.typing)
                return;
        rt_call_cancel(follow.typed);
        while ((outcome = typed_finish(&length, &rows, &columns)) == not_executed(REASON_BUSY) &&
               sys_event_wait(follow.event, TYPED, RT_DEADLINE, &bits) == OUTCOME_OK)
                ;
        unread(outcome == OUTCOME_OK ? length : 0);
}

/* ---- stops, and what the shell orders ----------------------------------------------------------
 */

static void orders_ask(void)
{
        job_orders_start(rt_handle("job"), follow.ordered, TIME_NEVER);
}

static void ordered_take(void)
{
        uint64_t signals = 0, foreground = 0, rows = 0, columns = 0;
        if (job_orders_finish(follow.ordered, &signals, &foreground, &rows, &columns) != OUTCOME_OK)
                return;
        follow.job->user = foreground != 0;
        if (follow.job->user && follow.line->terminal)
                resize(rows, columns);
        keys_ask();
        signals_send(signals, 0);
        orders_ask();
}

/* Without a place for it in the background it goes on at once. */
static void stopped(void)
{
        uint64_t aside = 0;
        keys_give_back();
        outcome_t outcome = job_stopped(rt_handle("job"), RT_DEADLINE, &aside);
        if (outcome == OUTCOME_OK && aside) {
                follow.job->user = false;
                watch_start(PROCESS_TURN_GOES_ON);
                return;
        }
        signal_all(SIGCONT);
        keys_ask();
}

/* A program alone leads the session of its terminal: when it ends, the group that it has put into
 * the foreground is told (_exit(2)). Of several the first leads, whose end means nothing here. */
static void leader_ended(void)
{
        const struct stage *leader = last_of(follow.line);
        uint64_t group = 0;
        if (follow.line->terminal && follow.line->count == 1 &&
            keyboard_hang_up(follow.line->output, RT_DEADLINE, &group) == OUTCOME_OK && group &&
            group != leader->id)
                signal_group(SIGHUP, group);
}

static void watched_take(void)
{
        uint64_t status = 0;
        outcome_t outcome = process_wait_finish(follow.watched, &status);
        if (outcome == not_executed(REASON_BUSY) || follow.over)
                return;
        if (outcome == OUTCOME_OK && status & PROCESS_STOPPED) {
                stopped();
        } else if (outcome == OUTCOME_OK && status & PROCESS_CONTINUED) {
                job_continued(rt_handle("job"), RT_DEADLINE);
                watch_start(PROCESS_TURN_STOPS);
        } else {
                over(outcome, status);
                leader_ended();
                job_continued(rt_handle("job"), RT_DEADLINE); /* it is no stopped one any more */
        }
}

/* ---- what they say -----------------------------------------------------------------------------
 */

static void silence(outcome_t failure)
{
        follow.silent = true;
        follow.failure = failure;
}

static void shown_ask(void)
{
        handle_t output = follow.line->output;
        outcome_t outcome = follow.line->terminal
                                ? keyboard_shown_start(output, follow.shown, TIME_NEVER,
                                                       SHOWN_CHUNK, follow.bytes, SHOWN_CHUNK)
                                : tty_read_start(output, follow.shown, TIME_NEVER, SHOWN_CHUNK,
                                                 follow.bytes, SHOWN_CHUNK);
        if (outcome != OUTCOME_OK)
                silence(outcome);
}

static void shown_take(void)
{
        size_t length = 0;
        uint64_t raw = 0, lost = 0;
        outcome_t outcome =
            follow.line->terminal
                ? keyboard_shown_finish(follow.shown, follow.bytes, SHOWN_CHUNK, &length, &raw)
                : tty_read_finish(follow.shown, follow.bytes, SHOWN_CHUNK, &length, &lost);
        if (outcome == not_executed(REASON_BUSY))
                return;
        if (outcome != OUTCOME_OK || length == 0) {
                silence(outcome);
                return;
        }
        if (follow.line->terminal)
                job_draw(follow.job, follow.bytes, length, raw != 0);
        else
                job_write(follow.job, follow.bytes, length);
        shown_ask();
}

/* ---- all of it ---------------------------------------------------------------------------------
 */

/* The last program's own status. */
static int status_say(struct job *job, const struct pipeline *line)
{
        const char *name = last_of(line)->words[0];
        if (follow.outcome != OUTCOME_OK)
                return job_fail(job, name, follow.outcome);
        if (!(follow.status & PROCESS_SIGNALLED))
                return (int)(follow.status & 0xff);
        unsigned signal = (unsigned)(follow.status & 0x7f);
        if (line->terminal && signal == SIGINT)
                job_print(job, "\n"); /* behind the ^C */
        else
                job_complain(job, "%s: ended by signal %u; the log has more (`log`)", name, signal);
        return SIGNAL_STATUS + (int)signal;
}

static outcome_t calls_make(void)
{
        handle_t *const calls[] = {&follow.shown, &follow.watched, &follow.ordered, &follow.typed};
        outcome_t outcome = sys_event_create(&follow.event);
        for (unsigned i = 0; i < sizeof calls / sizeof calls[0] && outcome == OUTCOME_OK; i++)
                outcome = sys_call_create(follow.event, 1ull << i, calls[i]);
        return outcome;
}

int pipeline_follow(struct job *job, struct pipeline *line)
{
        uint64_t bits = 0;
        follow = (struct follow){.job = job, .line = line};
        outcome_t outcome = calls_make();
        if (outcome != OUTCOME_OK)
                return job_fail(job, "output", outcome);
        orders_ask();
        watch_start(PROCESS_TURN_STOPS);
        keys_ask();
        shown_ask();
        while ((!follow.silent || !follow.over) && follow.failure == OUTCOME_OK) {
                sys_event_wait(follow.event, SHOWN | WATCHED | ORDERED | TYPED, TIME_NEVER, &bits);
                if (bits & TYPED)
                        typed_take();
                if (bits & ORDERED)
                        ordered_take();
                if (bits & SHOWN)
                        shown_take();
                if (bits & WATCHED)
                        watched_take();
        }
        keys_give_back();
        return follow.failure == OUTCOME_OK ? status_say(job, line)
                                            : job_fail(job, "output", follow.failure);
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
        handle_drop(&line->output);
}
