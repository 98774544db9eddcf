/* Process groups and sessions, and who may signal whom: those whom the same spawner has started,
 * as on Linux those of the same user. Processes of other nodes are nobody's here (far.c), though a
 * group may have members on several: who started them reaches each by the right to it.
 *
 * Sources: kill(2), setpgid(2), setsid(2), credentials(7). */
#include <signal.h>

#include "servers/process/process.h"
#include "servers/proto/process.h"

enum { EVERYBODY = -1 };

/* There is somebody to have a signal: it has not ended, and is no successor, of which nobody knows.
 */
static bool lives(const struct process *process)
{
        return process->stage && process->stage != PROCESS_STAGE_ENDED && !process->replaces;
}

/* signal 0: it is only there. */
static outcome_t signal_one(struct process *process, unsigned signal, const struct sent *sent)
{
        return signal ? process_signal(process, signal, sent) : OUTCOME_OK;
}

/* Of several it is enough that one has it: kill(2). */
static outcome_t best_of(outcome_t before, outcome_t outcome)
{
        return before == OUTCOME_OK ? before : outcome;
}

outcome_t group_signal(const struct process *of, uint64_t group, unsigned signal,
                       const struct sent *sent, const struct process *without)
{
        outcome_t outcome = answered(REASON_NOT_FOUND);
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                if (lives(process) && process->spawner == of->spawner &&
                    process->session == of->session && process->group == group)
                        outcome = best_of(outcome, process == without
                                                       ? OUTCOME_OK
                                                       : signal_one(process, signal, sent));
        }
        return outcome;
}

/* All that the asker may signal, but for itself. */
static outcome_t everybody_signal(const struct process *asker, unsigned signal,
                                  const struct sent *sent)
{
        outcome_t outcome = answered(REASON_NOT_FOUND);
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *process = &processes.list[i];
                if (lives(process) && process != asker && process->spawner == asker->spawner)
                        outcome = best_of(outcome, signal_one(process, signal, sent));
        }
        return outcome;
}

static outcome_t one_signal(const struct process *asker, uint64_t number, unsigned signal,
                            const struct sent *sent, bool *own)
{
        struct process *process = process_known(number);
        if (!process)
                return answered(REASON_NOT_FOUND);
        if (process->spawner != asker->spawner)
                return answered(REASON_REFUSED);
        *own = process == asker;
        return *own ? OUTCOME_OK : signal_one(process, signal, sent);
}

outcome_t signal_send_to(const struct process *asker, int64_t target, unsigned signal,
                         const struct sent *sent, bool *own)
{
        *own = false;
        if (target > 0)
                return one_signal(asker, (uint64_t)target, signal, sent, own);
        if (target == EVERYBODY)
                return everybody_signal(asker, signal, sent);
        if (target < -INT32_MAX)
                return answered(REASON_NOT_FOUND);
        const uint64_t group = target ? (uint64_t)-target : asker->group;
        *own = group == asker->group;
        return group_signal(asker, group, signal, sent, asker);
}

/* ---- orphaned groups: POSIX, General Concepts, 3.264; _exit(2) ------------------------------ */

static bool is_member(const struct process *process, const struct process *of)
{
        return lives(process) && process->spawner == of->spawner &&
               process->session == of->session && process->group == of->group;
}

/* Whether somebody of its session could let the process go on who is not in its group. */
static bool is_kept(const struct process *process)
{
        const struct process *parent = process->parent ? process_find(process->parent) : NULL;
        return process->id == process->job ||
               (parent && lives(parent) && parent->session == process->session &&
                parent->group != process->group);
}

bool group_is_orphaned(const struct process *of)
{
        for (unsigned i = 0; i < PROCESSES; i++)
                if (is_member(&processes.list[i], of) && is_kept(&processes.list[i]))
                        return false;
        return true;
}

void group_release(const struct process *of)
{
        static const struct sent sent;
        const uint64_t group = of->group;
        bool stopped = false;
        for (unsigned i = 0; i < PROCESSES; i++)
                stopped |= is_member(&processes.list[i], of) && processes.list[i].stopped;
        if (!stopped || !group_is_orphaned(of))
                return;
        group_signal(of, group, SIGHUP, &sent, NULL);
        group_signal(of, group, SIGCONT, &sent, NULL);
}

/* ---- groups and sessions --------------------------------------------------------------------- */

static bool group_exists(uint64_t group, uint64_t session)
{
        for (unsigned i = 0; i < PROCESSES; i++)
                if (lives(&processes.list[i]) && processes.list[i].group == group &&
                    processes.list[i].session == session)
                        return true;
        return false;
}

outcome_t group_join(struct process *asker, uint64_t number, uint64_t group)
{
        struct process *process = number ? process_find(number) : asker;
        if (!process || !lives(process) || (process != asker && process->parent != asker->id))
                return answered(REASON_NOT_FOUND);
        if (group > INT32_MAX)
                return answered(REASON_INVALID);
        group = group ? group : process->id;
        if (process->session != asker->session || process->session == process->id)
                return answered(REASON_REFUSED);
        if (group != process->id && !group_exists(group, process->session))
                return answered(REASON_REFUSED);
        process->group = group;
        return OUTCOME_OK;
}

outcome_t session_lead(struct process *asker)
{
        for (unsigned i = 0; i < PROCESSES; i++)
                if (lives(&processes.list[i]) && processes.list[i].group == asker->id)
                        return answered(REASON_REFUSED);
        asker->group = asker->session = asker->id;
        return OUTCOME_OK;
}
