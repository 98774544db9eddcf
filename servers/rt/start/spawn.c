/* A new task from a program's file: account, task, segments, stack, startup page and thread, in
 * this order. What fails on the way is undone by the end of the account. Another image in a task:
 * the same from the segments on. */
#include "servers/rt/start/spawn.h"

#include "servers/rt/pure/format.h"
#include "servers/rt/start/place.h"
#include "servers/rt/task/memory.h"

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

static const char *program_check(const struct spawn *spawn, struct program *program)
{
        static char said[PROGRAM_WRONG];
        const struct spawn_place *place = place_of(spawn);
        const char *wrong =
            program_read(spawn->elf, spawn->elf_size, spawn->elf_size, place->base, program, said);
        if (wrong)
                return wrong;
        const struct elf_plan *plan = &program->plan;
        const struct elf_segment *last = &plan->segments[plan->count - 1];
        wrong = place_check(place, plan->segments[0].address, last->address + last->bytes);
        if (!wrong && program->kind == PROGRAM_LINUX && !spawn->layer)
                wrong = "it is a program for Linux, and here is no Linux layer for it: start it by "
                        "the process server (`run`)";
        return wrong;
}

const char *spawn_check(const struct spawn *spawn)
{
        struct program program;
        return program_check(spawn, &program);
}

static bool program_plan(const struct spawn *spawn, struct program *program, const char **wrong)
{
        const char *why = program_check(spawn, program);
        if (wrong)
                *wrong = why;
        return !why;
}

/* Everything of a native image in a task that is there. */
static outcome_t native_make(const struct spawn *spawn, const struct elf_plan *plan,
                             struct spawned *spawned)
{
        outcome_t outcome = place_segments(spawned, plan, spawn->elf, spawn->shared);
        return outcome == OUTCOME_OK ? place_image(spawned, spawn, plan, NULL) : outcome;
}

/* Everything but the account. */
static outcome_t task_make(const struct spawn *spawn, const struct program *program,
                           struct spawned *spawned, const char **wrong)
{
        outcome_t outcome = sys_task_create(spawned->account, &spawned->task);
        if (outcome == OUTCOME_OK && spawn->fault_right)
                outcome = sys_task_set_fault_handler(spawned->task, spawn->fault_right);
        if (outcome != OUTCOME_OK)
                return outcome;
        return program->kind == PROGRAM_LINUX ? place_linux(spawned, spawn, program, wrong)
                                              : native_make(spawn, &program->plan, spawned);
}

outcome_t spawn_task(const struct spawn *spawn, struct spawned *spawned, const char **wrong)
{
        struct program program;
        *spawned = (struct spawned){0};
        if (!program_plan(spawn, &program, wrong))
                return not_executed(REASON_INVALID);
        handle_t parent = spawn->account ? spawn->account : rt_handle("account");
        outcome_t outcome = sys_account_create(parent, spawn->memory, &spawned->account);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = task_make(spawn, &program, spawned, wrong);
        if (outcome != OUTCOME_OK)
                spawn_destroy(spawned);
        return outcome;
}

outcome_t spawn_image(const struct spawn *spawn, const struct spawned *spawned,
                      struct spawned *image, const char **wrong)
{
        struct program program;
        *image = (struct spawned){.account = spawned->account, .task = spawned->task};
        if (!program_plan(spawn, &program, wrong))
                return not_executed(REASON_INVALID);
        return program.kind == PROGRAM_NATIVE ? native_make(spawn, &program.plan, image)
                                              : not_executed(REASON_INVALID);
}

outcome_t spawn_start(const struct spawned *spawned)
{
        return sys_thread_control(spawned->thread, THREAD_START, 0);
}

static void spawned_end(struct spawned *spawned, handle_t whole)
{
        const handle_t handles[] = {spawned->thread, spawned->task, spawned->account};
        if (whole)
                sys_object_destroy(whole);
        for (unsigned i = 0; i < spawned->text_count; i++)
                sys_handle_close(spawned->texts[i].memory);
        for (unsigned i = 0; i < 3; i++)
                if (handles[i])
                        sys_handle_close(handles[i]);
        *spawned = (struct spawned){0};
}

void spawn_destroy(struct spawned *spawned)
{
        spawned_end(spawned, spawned->account);
}

void spawn_forget(struct spawned *image)
{
        if (image->thread)
                sys_handle_close(image->thread);
        *image = (struct spawned){0};
}

void spawn_release(struct spawned *spawned)
{
        spawned_end(spawned, spawned->task);
}
