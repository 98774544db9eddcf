/* A program for Linux: its segments and its stack, then the layer beside it, whose startup page
 * says where the program begins. The layer's arguments are the program's name, its current folder,
 * and the path of its file.
 *
 *      stack_floor    stack_end ┈┈┈ not there yet ┈┈┈ stack_low ─── there ─── SPAWN_STACK_TOP
 *
 * A fault between stack_end and stack_low makes all of it be there from a little below on: what the
 * kernel reads or writes for the program lies above its stack pointer (linux/layer.c). */
#include "servers/rt/start/place.h"

#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/random.h"

enum { STACK_STEP = 16 * PAGE_SIZE };

/* Maps the upper part of the stack with its content; sets the members of *spawned and *stack. */
static outcome_t stack_make(struct spawned *spawned, const struct spawn *spawn,
                            const struct program *program, uint64_t *stack)
{
        const uint64_t top = place_of(spawn)->stack_top;
        struct stack_content content = {
            .arguments = spawn->argument_strings,
            .environment = spawn->environment,
            .entry = program->plan.entry,
            .headers = program->headers,
            .header_count = program->header_count,
        };
        uint64_t limit = page_up(spawn->stack ? spawn->stack : SPAWN_STACK_LINUX);
        uint64_t bytes = page_up(stack_bytes(&content) + SPAWN_STACK_FIRST);
        handle_t memory;
        void *here;
        if (!stack_bytes(&content) || bytes > limit)
                return not_executed(REASON_TOO_LONG);
        random_distinct(content.random, sizeof content.random);
        outcome_t outcome =
            sys_memory_create(spawned->account, bytes, MEMORY_ANONYMOUS, 0, &memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = rt_memory_map(memory, 0, bytes, MAP_READ | MAP_WRITE, &here);
        if (outcome == OUTCOME_OK) {
                *stack = stack_write(&content, here, bytes, top);
                rt_memory_free(here, bytes);
                outcome = sys_memory_map(spawned->task, memory, top - bytes, 0, bytes,
                                         MAP_READ | MAP_WRITE, NULL);
        }
        sys_handle_close(memory);
        spawned->stack_low = top - bytes;
        spawned->stack_end = spawned->stack_floor = top - limit;
        return outcome;
}

/* The layer's file as a memory object of this program's account, which all tasks have in common; 0:
 * there is no memory for it. */
static handle_t layer_file(const struct spawn *spawn)
{
        static handle_t file;
        void *here;
        if (file || sys_memory_create(0, page_up(spawn->layer_size), MEMORY_ANONYMOUS, 0, &file) !=
                        OUTCOME_OK)
                return file;
        if (rt_memory_map(file, 0, spawn->layer_size, MAP_READ | MAP_WRITE, &here) != OUTCOME_OK) {
                sys_handle_close(file);
                return file = 0;
        }
        bytes_copy(here, spawn->layer, spawn->layer_size);
        rt_memory_free(here, spawn->layer_size);
        return file;
}

static outcome_t layer_make(struct spawned *spawned, const struct spawn *spawn,
                            const struct startup_program *beside, const char **wrong)
{
        struct spawn_place place = spawn_beside(LAYER_START, LAYER_END);
        const char *told[] = {spawn->folder, spawn->path};
        struct spawn layer = *spawn;
        struct program program;
        static char said[PROGRAM_WRONG];
        const char *why = program_read(spawn->layer, spawn->layer_size, spawn->layer_size,
                                       place.base, &program, said);
        if (why) {
                if (wrong)
                        *wrong = why;
                return not_executed(REASON_INVALID);
        }
        /* What the layer maps for the program goes where the program expects it. */
        place.memory = spawn_alone.memory;
        place.memory_end = spawn_alone.memory_end;
        layer.place = &place;
        layer.stack = SPAWN_STACK_DEFAULT;
        layer.arguments = told;
        layer.argument_count = !spawn->folder ? 0 : spawn->path ? 2 : 1;
        uint64_t displacement = spawned->displacement;
        outcome_t outcome = place_program(spawned, &program.plan, spawn->layer, layer_file(spawn));
        if (outcome == OUTCOME_OK)
                outcome = place_image(spawned, &layer, &program.plan, beside);
        spawned->displacement = displacement;
        return outcome;
}

outcome_t place_linux(struct spawned *spawned, const struct spawn *spawn,
                      const struct program *program, const char **wrong)
{
        struct startup_program beside = {.entry = program->plan.entry,
                                         .ignored = spawn->ignored,
                                         .blocked = spawn->blocked,
                                         .mask = spawn->mask};
        outcome_t outcome = place_program(spawned, &program->plan, spawn->elf, spawn->file);
        spawned->displacement = program->plan.displacement;
        if (outcome == OUTCOME_OK)
                outcome = stack_make(spawned, spawn, program, &beside.stack);
        beside.stack_end = spawned->stack_end;
        if (outcome == OUTCOME_OK)
                outcome = layer_make(spawned, spawn, &beside, wrong);
        const struct spawn_grant thread = {"thread", spawned->thread, SPAWN_THREAD_RIGHTS};
        return outcome == OUTCOME_OK ? spawn_regrant(spawned, &thread) : outcome;
}

bool spawn_stack_limit(struct spawned *spawned, uint64_t bytes)
{
        if (bytes > SPAWN_STACK_TOP - spawned->stack_floor)
                return false;
        spawned->stack_end = page_up(SPAWN_STACK_TOP - bytes);
        return true;
}

bool spawn_stack_grow(struct spawned *spawned, uint64_t address)
{
        if (address >= spawned->stack_low || address < spawned->stack_end)
                return false;
        uint64_t low = address & -(uint64_t)PAGE_SIZE;
        uint64_t step =
            low - spawned->stack_end < STACK_STEP ? low - spawned->stack_end : STACK_STEP;
        uint64_t bytes = spawned->stack_low - (low - step);
        outcome_t outcome =
            place_memory(spawned, low - step, bytes, MAP_READ | MAP_WRITE, NULL, 0, 0);
        if (outcome != OUTCOME_OK) {
                step = 0;
                bytes = spawned->stack_low - low;
                outcome = place_memory(spawned, low, bytes, MAP_READ | MAP_WRITE, NULL, 0, 0);
        }
        if (outcome != OUTCOME_OK)
                return false;
        spawned->stack_low = low - step;
        return true;
}
