/* Who has how much; see spawners.h. Nothing is counted: the table of processes says what there is.
 */
#include "servers/process/spawners.h"

#include <string.h>

#include "servers/process/memory_files.h"

enum { SPAWNERS = 32 };

struct spawner {
        uint64_t id; /* 0: free; never used twice */
        char name[SPAWNER_NAME];
        uint64_t memory, number;
        uint64_t asked; /* when, counted */
};

static struct {
        struct spawner list[SPAWNERS];
        uint64_t last_id, asked;
} spawners;

static struct spawner *spawner_of(uint64_t id)
{
        for (unsigned i = 0; i < SPAWNERS; i++)
                if (id && spawners.list[i].id == id)
                        return &spawners.list[i];
        return NULL;
}

uint64_t spawner_charge(const struct process *process)
{
        const uint64_t kept = process->given > process->shared ? process->given : process->shared;
        return process->limit > kept ? process->limit : kept;
}

/* What its processes have, but for `without` (or NULL): their number, and what those may use that
 * have a task, or came in memory, with its files in memory. Successors have what those have that
 * they replace. */
static uint64_t held(uint64_t id, const struct process *without, uint64_t *memory)
{
        uint64_t number = 0;
        *memory = memory_charged(id);
        for (unsigned i = 0; i < PROCESSES; i++) {
                const struct process *process = &processes.list[i];
                if (process == without || !process->stage || process->spawner != id ||
                    process->replaces)
                        continue;
                number++;
                if (process->stage == PROCESS_STAGE_RUNNING || process->spawned.task ||
                    process->given)
                        *memory += spawner_charge(process);
        }
        return number;
}

/* The place for a new one: free, or that of who has neither a process nor memory in files and has
 * not asked for longest. NULL: all have some. */
static struct spawner *place_find(void)
{
        struct spawner *place = NULL;
        uint64_t memory;
        for (unsigned i = 0; i < SPAWNERS; i++) {
                struct spawner *spawner = &spawners.list[i];
                if (!spawner->id)
                        return spawner;
                if (held(spawner->id, NULL, &memory) == 0 && memory == 0 &&
                    (!place || spawner->asked < place->asked))
                        place = spawner;
        }
        return place;
}

static struct spawner *spawner_make(const char *name, size_t length)
{
        for (unsigned i = 0; i < SPAWNERS; i++) {
                struct spawner *spawner = &spawners.list[i];
                if (spawner->id && strlen(spawner->name) == length &&
                    memcmp(spawner->name, name, length) == 0)
                        return spawner;
        }
        struct spawner *spawner = place_find();
        if (!spawner)
                return NULL;
        if (spawner->id) /* who has it asks for another */
                sys_right_revoke(processes.server.port, badge_of(BADGE_SPAWN, spawner->id), 0);
        *spawner = (struct spawner){.id = ++spawners.last_id};
        memcpy(spawner->name, name, length);
        return spawner;
}

outcome_t spawner_bound(const char *name, size_t length, uint64_t memory, uint64_t number,
                        handle_t *right)
{
        if (length == 0 || length >= SPAWNER_NAME || memchr(name, 0, length))
                return answered(REASON_INVALID);
        struct spawner *spawner = spawner_make(name, length);
        if (!spawner)
                return answered(REASON_OVERLOADED);
        spawner->memory = memory;
        spawner->number = number;
        spawner->asked = ++spawners.asked;
        return rt_server_right(&processes.server, badge_of(BADGE_SPAWN, spawner->id), right);
}

const char *spawner_name(uint64_t id)
{
        const struct spawner *spawner = spawner_of(id);
        return spawner ? spawner->name : NULL;
}

bool spawner_may_create(uint64_t id)
{
        const struct spawner *spawner = spawner_of(id);
        uint64_t memory;
        return id == 0 || (spawner && held(id, NULL, &memory) < spawner->number);
}

bool spawner_may_give(const struct process *process, uint64_t memory, uint64_t *left)
{
        const struct spawner *spawner = spawner_of(process->spawner);
        uint64_t given;
        if (!spawner)
                return true;
        held(process->spawner, process, &given);
        *left = given < spawner->memory ? spawner->memory - given : 0;
        return memory <= *left;
}

uint64_t spawner_left(uint64_t id)
{
        const struct spawner *spawner = spawner_of(id);
        uint64_t given;
        if (!spawner)
                return id ? 0 : UINT64_MAX;
        held(id, NULL, &given);
        return given < spawner->memory ? spawner->memory - given : 0;
}
