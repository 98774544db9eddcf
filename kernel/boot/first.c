/* The first module as a program: what the plan says is copied into memory of its own, a page at a
 * time, since that does not lie in one piece. The module does, as all are where the loader put
 * them. */
#include "kernel/boot/first.h"
#include "kernel/common/elf.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/space.h"

struct memory *first_map(struct space *space, struct account *account, uint64_t address,
                         uint64_t bytes, unsigned flags, const char *what)
{
        struct memory *memory = memory_create(account, bytes >> PAGE_SHIFT, 0);
        struct memory_mapping wanted = {
            .address = address, .bytes = bytes, .flags = flags, .allowed = flags};
        outcome_t outcome =
            memory ? space_map(space, memory, &wanted) : not_executed(REASON_NO_MEMORY);
        if (outcome != OUTCOME_OK)
                panic("first task: its %s of %lu KiB at %lx: %s", what, bytes >> 10, address,
                      reason_text(outcome_reason(outcome)));
        return memory;
}

static void image_read(const void *image, uint64_t offset, void *to, size_t bytes)
{
        memcpy(to, (const char *)image + offset, bytes);
}

static void segment_load(struct space *space, struct account *account, const char *image,
                         const struct elf_segment *segment)
{
        const struct memory *memory =
            first_map(space, account, segment->address, segment->bytes, segment->flags, "segment");
        for (uint64_t done = 0, part; done < segment->file_bytes; done += part) {
                uint64_t at = segment->skew + done, skew = at % PAGE_SIZE;
                uint64_t left = segment->file_bytes - done;
                part = PAGE_SIZE - skew < left ? PAGE_SIZE - skew : left;
                kassert(at + part <= segment->bytes);
                memcpy((char *)direct(memory_page(memory, at >> PAGE_SHIFT)) + skew,
                       image + segment->file_offset + done, part);
        }
}

uint64_t first_load(struct space *space, struct account *account, const void *image, uint64_t bytes)
{
        struct elf_file file = {bytes, image_read, image};
        struct elf_plan plan;
        const char *wrong = elf_plan_make(&file, 0, LAYER_START, &plan);
        if (wrong)
                panic("first task: the first module cannot be run: %s", wrong);
        for (unsigned i = 0; i < plan.count; i++)
                segment_load(space, account, image, &plan.segments[i]);
        return plan.entry;
}
