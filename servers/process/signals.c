/* Signals that others send to a process, on their way to its Linux layer, which alone knows what
 * the program has set:
 *
 *      sent ──> pending here ──event──> layer ──next──> taken: handled, blocked, ignored there
 *                  └── SIGKILL: the task ends, whatever the layer does
 *
 * A process stops by its layer's own doing, which tells; a SIGCONT makes it one that runs at once,
 * here, so that who sends it and then waits for the next stop does not see the last one. Of signals
 * that stop and SIGCONT only the last is pending: each takes the other back. Of those of real time
 * PROCESS_QUEUED are, in the order in which they came.
 *
 * A process that is stopped while its next program is loaded stays so: that begins when it goes on.
 *
 * A program without the layer has set nothing: the default is done with it. */
#include <assert.h>
#include <signal.h>

#include "servers/process/process.h"
#include "servers/proto/process.h"

static uint64_t bit(unsigned signal)
{
        return 1ull << (signal - 1);
}

#define STOPS (bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU))

/* signal(7): what it does by default to a program that cannot stop. */
static bool default_ends(unsigned signal)
{
        return !(bit(signal) & (STOPS | bit(SIGCONT) | bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH)));
}

static bool has_layer(const struct process *process)
{
        return process->spawned.stack_end != 0; /* also a child's that is about to begin */
}

/* Signals that stop, and the one that lets go on, take each other back. */
static void opposite_drop(struct process *process, unsigned signal)
{
        if (signal == SIGCONT) {
                process->pending &= ~STOPS;
                const bool turned = process->stopped;
                process->stopped = 0;
                process->stopping = false;
                if (turned) {
                        ends_continued(process);
                        family_turned(process, PROCESS_CONTINUED);
                }
                if (process->unstarted)
                        process_begin_next(process);
        } else if (bit(signal) & STOPS) {
                process->pending &= ~bit(SIGCONT);
        }
}

/* False: there is no room. */
static bool queued_add(struct queued *queued, unsigned signal, const struct sent *sent)
{
        if (queued->count == PROCESS_QUEUED)
                return false;
        queued->sent[queued->count] = *sent;
        queued->signals[queued->count++] = (uint8_t)signal;
        return true;
}

outcome_t process_signal(struct process *process, unsigned signal, const struct sent *sent)
{
        assert(process->stage && signal >= 1 && signal <= PROCESS_SIGNAL_LAST);
        if (process->stage == PROCESS_STAGE_ENDED)
                return OUTCOME_OK;
        if (signal == SIGKILL || (!has_layer(process) && default_ends(signal))) {
                process_end(process, PROCESS_SIGNALLED + signal);
                return OUTCOME_OK;
        }
        if (!has_layer(process))
                return OUTCOME_OK;
        if (signal < PROCESS_SIGNAL_REAL_TIME)
                process->sent[signal - 1] = *sent;
        else if (!queued_add(&process->queued, signal, sent))
                return answered(REASON_OVERLOADED);
        opposite_drop(process, signal);
        process->pending |= bit(signal);
        sys_event_signal(process->signals, PROCESS_SIGNALS);
        return OUTCOME_OK;
}

/* Takes the oldest of that number, of which one waits. True: there is another. */
static bool queued_take(struct queued *queued, unsigned signal, struct sent *sent)
{
        unsigned at = 0;
        bool more = false;
        while (at < queued->count && queued->signals[at] != signal)
                at++;
        assert(at < queued->count);
        *sent = queued->sent[at];
        queued->count--;
        for (; at < queued->count; at++) {
                queued->sent[at] = queued->sent[at + 1];
                queued->signals[at] = queued->signals[at + 1];
                more |= queued->signals[at] == signal;
        }
        return more;
}

unsigned process_signal_take(struct process *process, bool standard, struct sent *sent)
{
        const uint64_t set =
            standard ? process->pending & (bit(PROCESS_SIGNAL_REAL_TIME) - 1) : process->pending;
        bool more = false;
        if (!set)
                return 0;
        unsigned signal = (unsigned)__builtin_ctzll(set) + 1;
        if (signal < PROCESS_SIGNAL_REAL_TIME)
                *sent = process->sent[signal - 1];
        else
                more = queued_take(&process->queued, signal, sent);
        if (!more)
                process->pending &= ~bit(signal);
        process->stopping |= signal == SIGSTOP;
        return signal;
}

void process_begin_next(struct process *process)
{
        assert(process->stage == PROCESS_STAGE_RUNNING && process->spawned.task);
        process->unstarted = process->stopped != 0;
        if (process->stopping)
                process->pending |= bit(SIGSTOP);
        process->stopping = false;
        if (process->pending)
                sys_event_signal(process->signals, PROCESS_SIGNALS);
        if (!process->unstarted && spawn_start(&process->spawned) != OUTCOME_OK)
                process_end(process, PROCESS_SIGNALLED + SIGKILL);
}

void process_stopped_by(struct process *process, unsigned signal)
{
        if (process->stage != PROCESS_STAGE_RUNNING || process->pending & bit(SIGCONT))
                return; /* it goes on at once */
        process->stopped = signal;
        process->stopping = false;
        ends_stopped(process);
        family_turned(process, PROCESS_STOPPED | signal);
}
