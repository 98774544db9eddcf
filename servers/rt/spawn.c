/* A new task from a program's file: account, task, segments, stack, startup page and thread, in
 * this order. What fails on the way is undone by the end of the account. */
#include "servers/rt/spawn.h"

#include "kernel/common/elf.h"
#include "servers/rt/bytes.h"
#include "servers/rt/memory.h"
#include "servers/rt/random.h"

/* Memory charged to the new task's account, mapped there with the flags, and here for a moment to
 * put `count` bytes at `skew`. */
static outcome_t memory_place(const struct spawned *spawned, uint64_t address, uint64_t bytes,
                              unsigned flags, const void *content, uint64_t count, uint64_t skew)
{
        handle_t memory;
        void *here;
        outcome_t outcome =
            sys_memory_create(spawned->account, bytes, MEMORY_ANONYMOUS, 0, &memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (count) {
                outcome = rt_memory_map(memory, 0, bytes, MAP_READ | MAP_WRITE, &here);
                if (outcome == OUTCOME_OK) {
                        bytes_copy((uint8_t *)here + skew, content, count);
                        rt_memory_free(here, bytes);
                }
        }
        if (outcome == OUTCOME_OK)
                outcome = sys_memory_map(spawned->task, memory, address, 0, bytes, flags);
        sys_handle_close(memory);
        return outcome;
}

static outcome_t segments_place(const struct spawn *spawn, const struct elf_plan *plan,
                                const struct spawned *spawned)
{
        for (unsigned i = 0; i < plan->count; i++) {
                const struct elf_segment *segment = &plan->segments[i];
                outcome_t outcome =
                    memory_place(spawned, segment->address, segment->bytes, segment->flags,
                                 (const uint8_t *)spawn->elf + segment->file_offset,
                                 segment->file_bytes, segment->skew);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        return OUTCOME_OK;
}

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

static outcome_t startup_fill(const struct spawn *spawn, const struct spawned *spawned,
                              struct startup *startup)
{
        bytes_zero(startup, sizeof *startup);
        startup->magic = STARTUP_MAGIC;
        startup->heartbeat_period = spawn->heartbeat_period;
        if (!string_set(startup->component, sizeof startup->component, spawn->component))
                return not_executed(REASON_TOO_LONG);
        string_set(startup->node, sizeof startup->node, rt_node());
        if (random_bytes(startup->entropy, sizeof startup->entropy))
                startup->entropy_bytes = sizeof startup->entropy;
        int full = startup_add_argument(startup, spawn->component);
        for (unsigned i = 0; i < spawn->argument_count; i++)
                full |= startup_add_argument(startup, spawn->arguments[i]);
        return full ? not_executed(REASON_TOO_LONG) : grants_add(spawn, spawned, startup);
}

static outcome_t startup_place(const struct spawn *spawn, const struct spawned *spawned)
{
        static struct startup startup;
        outcome_t outcome = startup_fill(spawn, spawned, &startup);
        if (outcome == OUTCOME_OK)
                outcome = memory_place(spawned, SPAWN_STARTUP_PAGE, PAGE_SIZE, MAP_READ, &startup,
                                       sizeof startup, 0);
        bytes_zero(startup.entropy, sizeof startup.entropy);
        return outcome;
}

/* Everything but the account. */
static outcome_t task_make(const struct spawn *spawn, const struct elf_plan *plan,
                           struct spawned *spawned)
{
        uint64_t stack = page_up(spawn->stack ? spawn->stack : SPAWN_STACK_DEFAULT);
        outcome_t outcome = sys_task_create(spawned->account, &spawned->task);
        if (outcome == OUTCOME_OK && spawn->fault_right)
                outcome = sys_task_set_fault_handler(spawned->task, spawn->fault_right);
        if (outcome == OUTCOME_OK)
                outcome = segments_place(spawn, plan, spawned);
        if (outcome == OUTCOME_OK)
                outcome = memory_place(spawned, SPAWN_STACK_TOP - stack, stack,
                                       MAP_READ | MAP_WRITE, NULL, 0, 0);
        if (outcome == OUTCOME_OK)
                outcome = startup_place(spawn, spawned);
        if (outcome == OUTCOME_OK)
                outcome = sys_thread_create(
                    spawned->task, plan->entry, SPAWN_STACK_TOP, SPAWN_STARTUP_PAGE,
                    thread_scheduling(spawn->priority, spawn->priority, 0), &spawned->thread);
        return outcome;
}

static void elf_read(const void *content, uint64_t offset, void *to, size_t bytes)
{
        bytes_copy(to, (const uint8_t *)content + offset, bytes);
}

outcome_t spawn_task(const struct spawn *spawn, struct spawned *spawned, const char **wrong)
{
        const struct elf_file file = {spawn->elf_size, elf_read, spawn->elf};
        struct elf_plan plan;
        *spawned = (struct spawned){0};
        /* Above the program are the runtime's own addresses. */
        const char *why = elf_plan_make(&file, MEMORY_TABLE, &plan);
        if (wrong)
                *wrong = why;
        if (why)
                return not_executed(REASON_INVALID);
        handle_t parent = spawn->account ? spawn->account : rt_handle("account");
        outcome_t outcome = sys_account_create(parent, spawn->memory, &spawned->account);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = task_make(spawn, &plan, spawned);
        if (outcome != OUTCOME_OK)
                spawn_destroy(spawned);
        return outcome;
}

outcome_t spawn_start(const struct spawned *spawned)
{
        return sys_thread_control(spawned->thread, THREAD_START, 0);
}

/* Writes to the startup page, which the task itself can only read. */
static outcome_t startup_write(handle_t task, size_t offset, const void *bytes, size_t count)
{
        const unsigned reading = MAP_READ, both = MAP_READ | MAP_WRITE;
        outcome_t outcome = sys_memory_protect(task, SPAWN_STARTUP_PAGE, PAGE_SIZE, both);
        if (outcome == OUTCOME_OK)
                outcome = sys_task_write(task, SPAWN_STARTUP_PAGE + offset, bytes, count);
        sys_memory_protect(task, SPAWN_STARTUP_PAGE, PAGE_SIZE, reading);
        return outcome;
}

outcome_t spawn_regrant(const struct spawned *spawned, const struct spawn_grant *grant)
{
        static struct startup startup;
        handle_t task = spawned->task, there;
        outcome_t outcome = sys_task_read(task, SPAWN_STARTUP_PAGE, &startup, sizeof startup);
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
        outcome =
            startup_write(task, (size_t)((char *)entry - (char *)&startup), entry, sizeof *entry);
        if (outcome == OUTCOME_OK)
                outcome = startup_write(task, offsetof(struct startup, handle_count),
                                        &startup.handle_count, sizeof startup.handle_count);
        return outcome;
}

static void spawned_end(struct spawned *spawned, handle_t whole)
{
        const handle_t handles[] = {spawned->thread, spawned->task, spawned->account};
        if (whole)
                sys_object_destroy(whole);
        for (unsigned i = 0; i < 3; i++)
                if (handles[i])
                        sys_handle_close(handles[i]);
        *spawned = (struct spawned){0};
}

void spawn_destroy(struct spawned *spawned)
{
        spawned_end(spawned, spawned->account);
}

void spawn_release(struct spawned *spawned)
{
        spawned_end(spawned, spawned->task);
}
