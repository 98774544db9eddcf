/* The first module as a program: what the plan says is copied into memory of its own, a page at a
 * time, since neither the file nor the new memory lies in one piece. */
#include "kernel/boot/first.h"
#include "kernel/common/elf.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/space.h"

/* How many of `bytes` lie in the page of an offset. */
static uint64_t page_part(uint64_t offset, uint64_t bytes)
{
        uint64_t left = PAGE_SIZE - offset % PAGE_SIZE;
        return left < bytes ? left : bytes;
}

static char *memory_at(const struct memory *memory, uint64_t offset)
{
        return (char *)direct(memory_page(memory, offset >> PAGE_SHIFT)) + offset % PAGE_SIZE;
}

static void image_read(const void *image, uint64_t offset, void *to, size_t bytes)
{
        for (uint64_t done = 0, part; done < bytes; done += part) {
                part = page_part(offset + done, bytes - done);
                memcpy((char *)to + done, memory_at(image, offset + done), part);
        }
}

static void segment_fill(const struct memory *memory, const struct memory *image,
                         const struct elf_segment *segment)
{
        for (uint64_t done = 0, part; done < segment->file_bytes; done += part) {
                uint64_t at = segment->skew + done;
                part = page_part(at, segment->file_bytes - done);
                image_read(image, segment->file_offset + done, memory_at(memory, at), part);
        }
}

static void segment_load(struct space *space, struct account *account, const struct memory *image,
                         const struct elf_segment *segment)
{
        struct memory *memory = memory_create(account, segment->bytes >> PAGE_SHIFT, 0);
        if (!memory)
                panic("first task: no memory for a segment; give the machine more");
        segment_fill(memory, image, segment);
        struct memory_mapping wanted = {.address = segment->address,
                                        .bytes = segment->bytes,
                                        .flags = segment->flags,
                                        .allowed = segment->flags};
        outcome_t outcome = space_map(space, memory, &wanted);
        if (outcome != OUTCOME_OK)
                panic("first task: segment at %lx: %s", segment->address,
                      reason_text(outcome_reason(outcome)));
}

uint64_t first_load(struct space *space, struct account *account, const struct memory *image,
                    uint64_t bytes)
{
        struct elf_file file = {image ? bytes : 0, image_read, image};
        struct elf_plan plan;
        const char *wrong = elf_plan_make(&file, 0, LAYER_START, &plan);
        if (wrong)
                panic("first task: the first module cannot be run: %s", wrong);
        for (unsigned i = 0; i < plan.count; i++)
                segment_load(space, account, image, &plan.segments[i]);
        return plan.entry;
}
