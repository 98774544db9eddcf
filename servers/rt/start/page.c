/* The startup page of a task that is being made, and what changes of it later. Handles are granted
 * as the page is written: what is on it is what the task has. */
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/place.h"
#include "servers/rt/task/random.h"
#include "servers/rt/task/time.h"

static outcome_t grant_add(struct startup *startup, handle_t task, const struct spawn_grant *grant)
{
        handle_t there;
        outcome_t outcome = sys_handle_grant(task, grant->handle, grant->rights, &there);
        if (outcome != OUTCOME_OK)
                return outcome;
        return startup_add_handle(startup, grant->name, there) == 0 ? OUTCOME_OK
                                                                    : not_executed(REASON_TOO_LONG);
}

static outcome_t grants_add(const struct spawn *spawn, const struct spawned *spawned,
                            struct startup *startup)
{
        const struct spawn_grant own[] = {
            {"account", spawned->account, RIGHTS_ALL & ~(uint32_t)RIGHT_DESTROY},
            {"task", spawned->task, RIGHTS_ALL & ~(uint32_t)RIGHT_DESTROY},
        };
        for (unsigned i = 0; i < 2; i++) {
                outcome_t outcome = grant_add(startup, spawned->task, &own[i]);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        for (unsigned i = 0; i < spawn->grant_count; i++) {
                outcome_t outcome = grant_add(startup, spawned->task, &spawn->grants[i]);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        return OUTCOME_OK;
}

/* The page tells the handles of the new task's table. */
static outcome_t descriptors_add(const struct spawn *spawn, const struct spawned *spawned,
                                 struct startup *startup)
{
        if (spawn->descriptor_count > STARTUP_DESCRIPTORS)
                return not_executed(REASON_TOO_LONG);
        for (unsigned i = 0; i < spawn->descriptor_count; i++) {
                struct startup_descriptor *to = &startup->descriptors[i];
                *to = spawn->descriptors[i];
                if (!to->handle)
                        continue;
                outcome_t outcome = sys_handle_grant(spawned->task, spawn->descriptors[i].handle,
                                                     RIGHTS_ALL, &to->handle);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        startup->descriptor_count = spawn->descriptor_count;
        return OUTCOME_OK;
}

static outcome_t startup_fill(const struct spawn *spawn, const struct spawned *spawned,
                              struct startup *startup)
{
        bytes_zero(startup, sizeof *startup);
        startup->magic = STARTUP_MAGIC;
        startup->memory = place_of(spawn)->memory;
        startup->memory_end = place_of(spawn)->memory_end;
        startup->boot_date = rt_boot_date();
        startup->heartbeat_period = spawn->heartbeat_period;
        startup->stack = place_stack(spawn);
        startup->process = spawn->process;
        startup->priority = spawn->priority;
        startup->left = spawn->left;
        if (!string_set(startup->component, sizeof startup->component, spawn->component))
                return not_executed(REASON_TOO_LONG);
        string_set(startup->node, sizeof startup->node, rt_node());
        if (random_distinct(startup->entropy, sizeof startup->entropy))
                startup->entropy_bytes = sizeof startup->entropy;
        startup->entropy_secret = random_quality() == RANDOM_SECRET;
        int full = startup_add_argument(startup, spawn->component);
        for (unsigned i = 0; i < spawn->argument_count; i++)
                full |= startup_add_argument(startup, spawn->arguments[i]);
        if (full)
                return not_executed(REASON_TOO_LONG);
        outcome_t outcome = grants_add(spawn, spawned, startup);
        return outcome == OUTCOME_OK ? descriptors_add(spawn, spawned, startup) : outcome;
}

outcome_t place_page(const struct spawned *spawned, const struct spawn *spawn,
                     const struct startup_program *program)
{
        static struct startup startup;
        outcome_t outcome = startup_fill(spawn, spawned, &startup);
        if (program)
                startup.program = *program;
        if (outcome == OUTCOME_OK)
                outcome = place_memory(spawned, spawned->startup_page, PAGE_SIZE, MAP_READ,
                                       &startup, sizeof startup, 0);
        bytes_zero(startup.entropy, sizeof startup.entropy);
        return outcome;
}

/* Writes to the startup page, which the task itself can only read. */
static outcome_t startup_write(const struct spawned *spawned, size_t offset, const void *bytes,
                               size_t count)
{
        const unsigned reading = MAP_READ, both = MAP_READ | MAP_WRITE;
        const handle_t task = spawned->task;
        const uint64_t page = spawned->startup_page;
        outcome_t outcome = sys_memory_protect(task, page, PAGE_SIZE, both);
        if (outcome == OUTCOME_OK)
                outcome = sys_task_write(task, page + offset, bytes, count);
        sys_memory_protect(task, page, PAGE_SIZE, reading);
        return outcome;
}

outcome_t place_number(const struct spawned *spawned, uint64_t process)
{
        return startup_write(spawned, offsetof(struct startup, process), &process, sizeof process);
}

outcome_t spawn_regrant(const struct spawned *spawned, const struct spawn_grant *grant)
{
        static struct startup startup;
        handle_t task = spawned->task, there;
        outcome_t outcome = sys_task_read(task, spawned->startup_page, &startup, sizeof startup);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct startup_handle *entry = startup_entry(&startup, grant->name);
        if (!entry && startup_add_handle(&startup, grant->name, 0) != 0)
                return not_executed(REASON_TOO_LONG);
        if (!entry)
                entry = &startup.handles[startup.handle_count - 1];
        outcome = sys_handle_grant(task, grant->handle, grant->rights, &there);
        if (outcome != OUTCOME_OK)
                return outcome;
        entry->handle = there;
        /* The entry is complete before the count includes it. */
        outcome = startup_write(spawned, (size_t)((char *)entry - (char *)&startup), entry,
                                sizeof *entry);
        if (outcome == OUTCOME_OK)
                outcome = startup_write(spawned, offsetof(struct startup, handle_count),
                                        &startup.handle_count, sizeof startup.handle_count);
        return outcome;
}
