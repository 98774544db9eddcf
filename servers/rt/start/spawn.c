/* A new task from a program's file: account, task, segments, stack, startup page and thread, in
 * this order. What fails on the way is undone by the end of the account. Another image in a task:
 * the same from the segments on. */
#include "servers/rt/start/spawn.h"

#include "kernel/common/elf.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/random.h"

/* The startup page is that far above the top of the stack. */
#define SPAWN_STACK_GAP 0x80000ull

enum { SPAWN_WRONG = 128 }; /* bytes of a sentence that says what is wrong */

const struct spawn_place spawn_alone = {
    .start = USER_START,
    .end = MEMORY_DEFAULT,
    .memory = MEMORY_DEFAULT,
    .memory_end = MEMORY_DEFAULT_END,
    .stack_top = SPAWN_STACK_TOP,
    .startup_page = SPAWN_STACK_TOP + SPAWN_STACK_GAP,
};

/* Image, runtime, stack, startup page, from below. */
struct spawn_place spawn_beside(uint64_t start, uint64_t end)
{
        const uint64_t top = end - 2 * SPAWN_STACK_GAP;
        return (struct spawn_place){
            .start = start,
            .end = start + SPAWN_ROOM / 4,
            .base = start,
            .memory = start + SPAWN_ROOM / 4,
            .memory_end = end - SPAWN_ROOM / 4,
            .stack_top = top,
            .startup_page = top + SPAWN_STACK_GAP,
        };
}

/* What is wrong with an image from `first` to `last` at its place; NULL: nothing. */
static const char *place_check(const struct spawn_place *place, uint64_t first, uint64_t last)
{
        static char text[SPAWN_WRONG];
        const struct {
                uint64_t start, end;
                const char *what;
        } others[] = {
            {LAYER_START, LAYER_END, "which is kept for a layer"},
            {place->memory, place->memory_end, "where its runtime maps memory"},
            {place->end, USER_END, "above what programs are given, where stacks are"},
            {USER_END, UINT64_MAX, "where programs can have nothing"},
            {0, UINT64_MAX, "which is not its place"},
        };
        unsigned i = 0;
        if (first >= place->start && last <= place->end)
                return NULL;
        while (last <= others[i].start || first >= others[i].end)
                i++;
        format_line(text, sizeof text, "it would lie from 0x%lx to 0x%lx, %s", first, last,
                    others[i].what);
        return text;
}

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
                outcome = sys_memory_map(spawned->task, memory, address, 0, bytes, flags, NULL);
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

static const struct spawn_place *place_of(const struct spawn *spawn)
{
        return spawn->place ? spawn->place : &spawn_alone;
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
        startup->memory = place_of(spawn)->memory;
        startup->memory_end = place_of(spawn)->memory_end;
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
                outcome = memory_place(spawned, spawned->startup_page, PAGE_SIZE, MAP_READ,
                                       &startup, sizeof startup, 0);
        bytes_zero(startup.entropy, sizeof startup.entropy);
        return outcome;
}

/* Everything of one image, in a task that is there. */
static outcome_t image_make(const struct spawn *spawn, const struct elf_plan *plan,
                            struct spawned *spawned)
{
        const struct spawn_place *place = place_of(spawn);
        uint64_t stack = page_up(spawn->stack ? spawn->stack : SPAWN_STACK_DEFAULT);
        spawned->displacement = plan->displacement;
        spawned->startup_page = place->startup_page;
        outcome_t outcome = segments_place(spawn, plan, spawned);
        if (outcome == OUTCOME_OK)
                outcome = memory_place(spawned, place->stack_top - stack, stack,
                                       MAP_READ | MAP_WRITE, NULL, 0, 0);
        if (outcome == OUTCOME_OK)
                outcome = startup_place(spawn, spawned);
        if (outcome == OUTCOME_OK)
                outcome = sys_thread_create(
                    spawned->task, plan->entry, place->stack_top, place->startup_page,
                    thread_scheduling(spawn->priority, spawn->priority, 0), &spawned->thread);
        return outcome;
}

/* Everything but the account. */
static outcome_t task_make(const struct spawn *spawn, const struct elf_plan *plan,
                           struct spawned *spawned)
{
        outcome_t outcome = sys_task_create(spawned->account, &spawned->task);
        if (outcome == OUTCOME_OK && spawn->fault_right)
                outcome = sys_task_set_fault_handler(spawned->task, spawn->fault_right);
        return outcome == OUTCOME_OK ? image_make(spawn, plan, spawned) : outcome;
}

static void elf_read(const void *content, uint64_t offset, void *to, size_t bytes)
{
        bytes_copy(to, (const uint8_t *)content + offset, bytes);
}

/* The plan of the program at its place; false: *wrong says why not. */
static bool plan_make(const struct spawn *spawn, struct elf_plan *plan, const char **wrong)
{
        const struct elf_file file = {spawn->elf_size, elf_read, spawn->elf};
        const struct spawn_place *place = place_of(spawn);
        const char *why = elf_plan_make(&file, place->base, -(uint64_t)PAGE_SIZE, plan);
        if (!why) {
                const struct elf_segment *last = &plan->segments[plan->count - 1];
                why = place_check(place, plan->segments[0].address, last->address + last->bytes);
        }
        if (wrong)
                *wrong = why;
        return !why;
}

outcome_t spawn_task(const struct spawn *spawn, struct spawned *spawned, const char **wrong)
{
        struct elf_plan plan;
        *spawned = (struct spawned){0};
        if (!plan_make(spawn, &plan, wrong))
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

outcome_t spawn_image(const struct spawn *spawn, const struct spawned *spawned,
                      struct spawned *image, const char **wrong)
{
        struct elf_plan plan;
        *image = (struct spawned){.account = spawned->account, .task = spawned->task};
        if (!plan_make(spawn, &plan, wrong))
                return not_executed(REASON_INVALID);
        return image_make(spawn, &plan, image);
}

outcome_t spawn_start(const struct spawned *spawned)
{
        return sys_thread_control(spawned->thread, THREAD_START, 0);
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
