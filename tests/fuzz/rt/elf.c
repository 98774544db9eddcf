/* Any bytes as a program, at any place: a plan keeps to what elf.h promises. The place is made
 * of the last bytes, so that a real file is a good beginning. */
#include <stdlib.h>
#include <string.h>
#include "kernel/abi/memory.h"
#include "kernel/common/elf.h"

#define PROGRAM_END 0x10000000ull

static size_t file_size;

static void file_read(const void *content, uint64_t offset, void *to, size_t bytes)
{
        if (offset > file_size || bytes > file_size - offset)
                abort();
        memcpy(to, (const uint8_t *)content + offset, bytes);
}

static void segment_check(const struct elf_segment *segment, uint64_t *end, size_t size,
                          uint64_t whole)
{
        if (segment->address % PAGE_SIZE || segment->bytes % PAGE_SIZE || !segment->bytes ||
            segment->address < *end || segment->bytes > whole - segment->address ||
            segment->skew >= PAGE_SIZE || segment->skew + segment->file_bytes > segment->bytes ||
            segment->file_offset > size || segment->file_bytes > size - segment->file_offset ||
            (segment->flags & MAP_WRITE && segment->flags & MAP_EXECUTE))
                abort();
        *end = segment->address + segment->bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct elf_plan plan;
        const struct elf_file file = {size, file_read, data};
        uint64_t end = USER_START, executable = 0, base = 0;
        uint64_t whole = size % 2 ? PROGRAM_END : -(uint64_t)PAGE_SIZE;
        file_size = size;
        if (size >= sizeof base)
                memcpy(&base, data + size - sizeof base, sizeof base);
        if (elf_plan_make(&file, base, whole, &plan))
                return 0;
        for (unsigned i = 0; i < plan.count; i++) {
                const struct elf_segment *segment = &plan.segments[i];
                segment_check(segment, &end, size, whole);
                if (segment->flags & MAP_EXECUTE && plan.entry >= segment->address &&
                    plan.entry < segment->address + segment->bytes)
                        executable = 1;
        }
        if (!executable)
                abort();
        return 0;
}
