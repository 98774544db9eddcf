/* Signals that others send to a process, on their way to its Linux layer, which alone knows what
 * the program has set:
 *
 *      sent ──> pending here ──event──> layer ──next──> taken: handled, blocked, ignored there
 *                  └── SIGKILL: the task ends, whatever the layer does
 *
 * A process stops by its layer's own doing, which tells; a SIGCONT makes it one that runs at once,
 * here, so that who sends it and then waits for the next stop does not see the last one. Of signals
 * that stop and SIGCONT only the last is pending: each takes the other back.
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

void process_signal(struct process *process, unsigned signal, const struct sent *sent)
{
        assert(process->stage && signal >= 1 && signal <= PROCESS_SIGNAL_LAST);
        if (process->stage == PROCESS_STAGE_ENDED)
                return;
        if (signal == SIGKILL || (!has_layer(process) && default_ends(signal))) {
                process_end(process, PROCESS_SIGNALLED + signal);
                return;
        }
        if (!has_layer(process))
                return;
        if (signal == SIGCONT) {
                process->pending &= ~STOPS;
                if (process->stopped)
                        family_turned(process, PROCESS_CONTINUED);
                process->stopped = 0;
        } else if (bit(signal) & STOPS) {
                process->pending &= ~bit(SIGCONT);
        }
        process->pending |= bit(signal);
        process->sent[signal - 1] = *sent;
        sys_event_signal(process->signals, PROCESS_SIGNALS);
}

unsigned process_signal_take(struct process *process, struct sent *sent)
{
        if (!process->pending)
                return 0;
        unsigned signal = (unsigned)__builtin_ctzll(process->pending) + 1;
        process->pending &= ~bit(signal);
        *sent = process->sent[signal - 1];
        return signal;
}

void process_stopped_by(struct process *process, unsigned signal)
{
        if (process->stage != PROCESS_STAGE_RUNNING || process->pending & bit(SIGCONT))
                return; /* it goes on at once */
        process->stopped = signal;
        ends_stopped(process);
        family_turned(process, PROCESS_STOPPED | signal);
}
