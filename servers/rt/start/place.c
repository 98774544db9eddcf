/* Segments, stack, startup page and thread of an image, in this order; see place.h. What fails on
 * the way is undone by the end of the task's account. */
#include "servers/rt/start/place.h"

#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/memory.h"

/* The memory is mapped here for a moment, to put the content into it. */
static outcome_t memory_fill(handle_t account, uint64_t bytes, const void *content, uint64_t count,
                             uint64_t skew, handle_t *memory)
{
        void *here;
        outcome_t outcome = sys_memory_create(account, bytes, MEMORY_ANONYMOUS, 0, memory);
        if (outcome != OUTCOME_OK || !count)
                return outcome;
        outcome = rt_memory_map(*memory, 0, bytes, MAP_READ | MAP_WRITE, &here);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(*memory);
                return outcome;
        }
        bytes_copy((uint8_t *)here + skew, content, count);
        rt_memory_free(here, bytes);
        return OUTCOME_OK;
}

outcome_t place_memory(const struct spawned *spawned, uint64_t address, uint64_t bytes,
                       unsigned flags, const void *content, uint64_t count, uint64_t skew)
{
        handle_t memory;
        outcome_t outcome = memory_fill(spawned->account, bytes, content, count, skew, &memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_memory_map(spawned->task, memory, address, 0, bytes, flags, NULL);
        sys_handle_close(memory);
        return outcome;
}

static outcome_t segment_place(const struct spawned *spawned, const struct elf_segment *segment,
                               const void *elf)
{
        return place_memory(spawned, segment->address, segment->bytes, segment->flags,
                            (const uint8_t *)elf + segment->file_offset, segment->file_bytes,
                            segment->skew);
}

/* What nobody can write to: its account is the spawner's, and the handle gives no right to change
 * it, so neither does a mapping. */
static outcome_t segment_make(const struct elf_segment *segment, const void *elf, handle_t *memory)
{
        handle_t writable;
        outcome_t outcome = memory_fill(rt_handle("account"), segment->bytes,
                                        (const uint8_t *)elf + segment->file_offset,
                                        segment->file_bytes, segment->skew, &writable);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_handle_copy(writable, RIGHT_READ | RIGHT_EXECUTE, memory);
        sys_handle_close(writable);
        return outcome;
}

/* Made when the first task needs it. */
static outcome_t segment_share(const struct spawned *spawned, const struct elf_segment *segment,
                               const void *elf, handle_t *memory)
{
        outcome_t outcome = *memory ? OUTCOME_OK : segment_make(segment, elf, memory);
        if (outcome != OUTCOME_OK) {
                *memory = 0;
                return outcome;
        }
        return sys_memory_map(spawned->task, *memory, segment->address, 0, segment->bytes,
                              segment->flags, NULL);
}

outcome_t place_segments(const struct spawned *spawned, const struct elf_plan *plan,
                         const void *elf, struct spawn_shared *shared)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < plan->count && outcome == OUTCOME_OK; i++) {
                const struct elf_segment *segment = &plan->segments[i];
                if (shared && !(segment->flags & MAP_WRITE)) {
                        outcome = segment_share(spawned, segment, elf, &shared->segments[i]);
                        continue;
                }
                outcome = segment_place(spawned, segment, elf);
        }
        return outcome;
}

/* Whether all pages of a segment are those of its file, which nobody changes. */
static bool is_text(const struct elf_segment *segment)
{
        return !(segment->flags & MAP_WRITE) && segment->file_bytes &&
               page_up(segment->skew + segment->file_bytes) == segment->bytes &&
               segment->file_offset % PAGE_SIZE == segment->skew;
}

/* The task's mapping has no more rights than the handle, which stays for other tasks. */
static outcome_t text_map(struct spawned *spawned, const struct spawn_text *text)
{
        struct spawn_text *own = &spawned->texts[spawned->text_count];
        *own = *text;
        outcome_t outcome =
            sys_handle_copy(text->memory, RIGHT_READ | RIGHT_EXECUTE | RIGHT_COPY, &own->memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        spawned->text_count++;
        return sys_memory_map(spawned->task, own->memory, own->address, own->offset, own->bytes,
                              own->flags, NULL);
}

outcome_t place_program(struct spawned *spawned, const struct elf_plan *plan, const void *elf,
                        handle_t file)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < plan->count && outcome == OUTCOME_OK; i++) {
                const struct elf_segment *segment = &plan->segments[i];
                const struct spawn_text text = {file, segment->address, segment->bytes,
                                                segment->file_offset - segment->skew,
                                                segment->flags};
                if (file && is_text(segment) && spawned->text_count < SPAWN_TEXTS)
                        outcome = text_map(spawned, &text);
                else
                        outcome = segment_place(spawned, segment, elf);
        }
        return outcome;
}

outcome_t place_texts(struct spawned *spawned, const struct spawned *from)
{
        outcome_t outcome = OUTCOME_OK;
        for (unsigned i = 0; i < from->text_count && outcome == OUTCOME_OK; i++)
                outcome = text_map(spawned, &from->texts[i]);
        return outcome;
}

uint64_t place_stack(const struct spawn *spawn)
{
        return page_up(spawn->stack ? spawn->stack : SPAWN_STACK_DEFAULT);
}

outcome_t place_image(struct spawned *spawned, const struct spawn *spawn,
                      const struct elf_plan *plan, const struct startup_program *program)
{
        const struct spawn_place *place = place_of(spawn);
        const uint64_t stack = place_stack(spawn);
        spawned->displacement = plan->displacement;
        spawned->startup_page = place->startup_page;
        outcome_t outcome = place_memory(spawned, place->stack_top - stack, stack,
                                         MAP_READ | MAP_WRITE, NULL, 0, 0);
        if (outcome == OUTCOME_OK)
                outcome = place_page(spawned, spawn, program);
        if (outcome == OUTCOME_OK)
                outcome = sys_thread_create(
                    spawned->task, plan->entry, place->stack_top, place->startup_page,
                    thread_scheduling(spawn->priority, spawn->priority, 0), &spawned->thread);
        return outcome;
}
