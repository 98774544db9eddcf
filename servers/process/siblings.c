/* What a process is told of those of this node that the same spawner has started, itself among
 * them: what /proc says (servers/rt/linux/proc.h). Others are nobody for it. */
#include <string.h>

#include "servers/process/process.h"
#include "servers/proto/process.h"

/* The lowest number above `after` of those that the same spawner has started. */
static const struct process *sibling_find(const struct process *asker, uint64_t after)
{
        const struct process *found = NULL;
        for (unsigned i = 0; i < PROCESSES; i++) {
                const struct process *process = &processes.list[i];
                if (process_known(process->id) == process && process->spawner == asker->spawner &&
                    process->id > after && (!found || process->id < found->id))
                        found = process;
        }
        return found;
}

outcome_t siblings_next(struct request *request, uint64_t after, uint64_t *id, uint64_t *parent,
                        uint64_t *group, uint64_t *session, uint64_t *state, uint64_t *cpu,
                        uint64_t *memory, const void **name, size_t *name_length)
{
        const struct process *process = process_itself(request);
        struct task_info info = {0};
        if (!process)
                return answered(REASON_REFUSED);
        process = sibling_find(process, after);
        if (!process)
                return answered(REASON_NOT_FOUND);
        if (process->stage == PROCESS_STAGE_RUNNING)
                sys_task_info(process->spawned.task, &info);
        *id = process->id;
        *parent = process->parent;
        *group = process->group;
        *session = process->session;
        *state =
            process->stage == PROCESS_STAGE_ENDED ? PROCESS_SIGNALLED : (uint64_t)process->stopped;
        *cpu = process_spent(process);
        *memory = info.memory;
        *name = process->name;
        *name_length = strlen(process->name);
        return OUTCOME_OK;
}

/* The one of that number whom the request asks about; NULL, with *why. */
static const struct process *sibling_of(const struct request *request, uint64_t number,
                                        outcome_t *why)
{
        const struct process *asker = process_itself(request), *process = process_known(number);
        *why = answered(asker ? REASON_NOT_FOUND : REASON_REFUSED);
        return asker && process && process->spawner == asker->spawner ? process : NULL;
}

outcome_t siblings_program(struct request *request, uint64_t number, const void **path,
                           size_t *path_length)
{
        outcome_t why;
        const struct process *process = sibling_of(request, number, &why);
        if (!process)
                return why;
        *path = process->path ? process->path : "";
        *path_length = strlen(*path);
        return OUTCOME_OK;
}

outcome_t siblings_arguments(struct request *request, uint64_t number, const void **strings,
                             size_t *length)
{
        outcome_t why;
        const struct process *process = sibling_of(request, number, &why);
        if (!process)
                return why;
        *strings = process->arguments.bytes;
        *length = process->arguments.length;
        return OUTCOME_OK;
}

outcome_t siblings_busy(struct request *request, uint64_t *cpu)
{
        if (!process_itself(request))
                return answered(REASON_REFUSED);
        *cpu = processes.spent;
        for (unsigned i = 0; i < PROCESSES; i++)
                if (processes.list[i].stage)
                        *cpu += process_spent(&processes.list[i]);
        return OUTCOME_OK;
}
