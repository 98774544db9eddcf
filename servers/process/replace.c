/* Another program in a process (execve). It is loaded and made by a successor, a process without a
 * number that anybody is told; up to the point of no return, which is replace_done(), the old
 * program knows nothing of it and can go on. Where there is room for one of the two alone the old
 * one goes first: then it cannot.
 *
 *      process    RUNNING ─────────────────────────── old task ends │ RUNNING, with the new one
 *                    │ exec                                         │
 *      successor  CREATED ──start──> LOADING ──launch──> has a task ┘ freed
 *
 * Invariants: a process has at most one successor, which does not outlive it; the number, the
 * children, the parent and who waits for the end are the process's throughout. */
#include <assert.h>
#include <signal.h>
#include <string.h>

#include "servers/process/process.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

struct process *replace_find(const struct process *process)
{
        for (unsigned i = 0; i < PROCESSES; i++) {
                struct process *successor = &processes.list[i];
                if (successor->stage && !successor->over && successor->replaces == process->id)
                        return successor;
        }
        return NULL;
}

void replace_drop(const struct process *process)
{
        struct process *successor = replace_find(process);
        if (successor)
                process_free(successor);
}

outcome_t replace_begin(struct request *request, const void *arguments, size_t arguments_length,
                        const void *environment, size_t environment_length, const void *folder,
                        size_t folder_length, struct received_cap *program, uint64_t ignored,
                        uint64_t blocked, const void *path, size_t path_length)
{
        const struct process *process = process_itself(request);
        if (!process)
                return answered(REASON_REFUSED);
        if (program->own || program->type != OBJECT_RIGHT)
                return answered(REASON_INVALID);
        replace_drop(process); /* one that was given up */
        struct process *successor = process_new();
        if (!successor)
                return answered(REASON_OVERLOADED);
        successor->replaces = process->id;
        successor->job = process->job;
        successor->spawner = process->spawner;
        successor->memory = process->memory;
        successor->stack = process->stack;
        successor->priority = process->priority;
        successor->ignored = ignored;
        successor->blocked = blocked;
        outcome_t outcome =
            text_keep(successor, (struct strings){arguments, arguments_length},
                      (struct strings){environment, environment_length},
                      (struct strings){folder, folder_length}, (struct strings){path, path_length});
        if (outcome != OUTCOME_OK) {
                process_free(successor);
                return outcome;
        }
        successor->file = cap_take(program);
        return OUTCOME_OK;
}

bool replace_give_way(struct process *successor)
{
        uint64_t used = 0, limit = 0;
        struct process *process = successor->replaces ? process_find(successor->replaces) : NULL;
        if (!process)
                return false;
        sys_account_info(rt_handle("account"), &used, &limit);
        const uint64_t room = limit - used + process->limit;
        const uint64_t least = page_up(successor->load.size + PROCESS_FORK_ROOM);
        if (successor->limit <= limit - used)
                return false; /* it is what the program itself may use that does not suffice */
        if (successor->limit > room && (successor->memory || least > room))
                return false;
        if (successor->limit > room)
                successor->limit = least;
        process->spent = process_spent(process);
        spawn_destroy(&process->spawned);
        return true;
}

void replace_fail(struct process *successor, enum reason reason, const char *wrong)
{
        struct process *process = process_find(successor->replaces);
        rt_log("%s (%lu) cannot run %s: %s", process->name, process->id, successor->name, wrong);
        if (successor->starter)
                rt_reply_outcome(successor->starter, answered(reason));
        successor->starter = 0;
        successor->over = true;
        if (!process->spawned.task)
                process_end(process, PROCESS_SIGNALLED + SIGKILL);
}

void replace_done(struct process *successor)
{
        struct process *process = process_find(successor->replaces);
        assert(process && process->stage == PROCESS_STAGE_RUNNING);
        process->spent = process_spent(process);
        if (process->spawned.task)
                spawn_destroy(&process->spawned);
        process->spawned = successor->spawned;
        process_left_drop(process);
        process->left = successor->left;
        process->left_length = successor->left_length;
        successor->left = NULL;
        process->limit = successor->limit;
        process->shared = successor->shared;
        process->fault_entry = 0;
        family_replaced(process);
        memcpy(process->name, successor->name, sizeof process->name);
        text_take(process, successor);
        successor->spawned = (struct spawned){0};
        successor->stage = PROCESS_STAGE_ENDED;
        successor->over = true;
        process_begin_next(process);
        /* The caller is gone with its task: this drops the reply. */
        rt_reply_outcome(successor->starter, OUTCOME_OK);
        successor->starter = 0;
        family_release(process);
}
