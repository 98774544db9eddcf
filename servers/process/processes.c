/* The table of processes: numbers, and the end of all that is a process's own. */
#include <assert.h>
#include <string.h>

#include "servers/process/process.h"
#include "servers/rt/task/memory.h"

struct processes processes;

_Static_assert(PROCESSES < 1 << PROCESS_NODE_SHIFT, "there is always a free number");

const char *node_name(uint64_t number, size_t *length)
{
        const char *at = processes.nodes;
        while (at && *at && --number > 0) {
                at = strchr(at, ',');
                at = at ? at + 1 : NULL;
        }
        if (!at || !*at)
                return NULL;
        *length = strcspn(at, ",");
        return at;
}

struct process *process_find(uint64_t id)
{
        for (unsigned i = 0; i < PROCESSES; i++)
                if (processes.list[i].stage && processes.list[i].id == id)
                        return &processes.list[i];
        return NULL;
}

struct process *process_itself(const struct request *request)
{
        struct process *process = process_find(badge_id(request->badge));
        return badge_kind(request->badge) == BADGE_CHILD && process &&
                       process->stage == PROCESS_STAGE_RUNNING
                   ? process
                   : NULL;
}

/* Numbers go round, and leave out those of the living. */
static uint64_t number_next(void)
{
        uint64_t id;
        do {
                uint64_t own = processes.count++ % ((1 << PROCESS_NODE_SHIFT) - 1) + 1;
                id = processes.node << PROCESS_NODE_SHIFT | own;
        } while (process_find(id));
        return id;
}

struct process *process_new(void)
{
        unsigned i = 0;
        while (i < PROCESSES && processes.list[i].stage)
                i++;
        if (i == PROCESSES)
                return NULL;
        struct process *process = &processes.list[i];
        *process = (struct process){.id = number_next()};
        process->stage = PROCESS_STAGE_CREATED;
        process->group = process->session = process->id;
        process->mask = PROCESS_MASK;
        return process;
}

void process_left_drop(struct process *process)
{
        if (process->left)
                rt_memory_free(process->left, process->left_length);
        process->left = NULL;
        process->left_length = 0;
}

/* Numbers go round: who still holds a right that this process had, has nothing of a later one. */
static void rights_revoke(const struct process *process)
{
        sys_right_revoke(processes.server.port, badge_of(BADGE_CHILD, process->id), 0);
        sys_right_revoke(processes.server.port, badge_of(BADGE_FAULT, process->id), 0);
}

void process_free(struct process *process)
{
        assert(process->stage);
        process->parent = 0; /* nobody is to be told */
        process_end(process, PROCESS_SIGNALLED);
        processes.spent += process->spent;
        if (process->release)
                group_release(process);
        for (unsigned i = 0; i < process->descriptor_count; i++)
                if (process->descriptors[i].handle)
                        sys_handle_close(process->descriptors[i].handle);
        if (process->signals)
                sys_handle_close(process->signals);
        rights_revoke(process);
        process_left_drop(process);
        if (process->text)
                rt_memory_free(process->text, process->text_bytes);
        memset(process, 0, sizeof *process);
}
