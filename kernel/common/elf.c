/* From the headers of a program to its plan. The layouts stand here, since the kernel is built
 * without the host's <elf.h>. Every number of the file is checked before it is used. */
#include "kernel/common/elf.h"
#include <stdbool.h>
#include "kernel/abi/memory.h"

struct file_header { /* figure 2 */
        uint8_t magic[4], class, encoding, identification[10];
        uint16_t type, machine;
        uint32_t version;
        uint64_t entry, program_offset, section_offset;
        uint32_t flags;
        uint16_t header_size, program_size, program_count;
        uint16_t section_size, section_count, section_names;
};
_Static_assert(sizeof(struct file_header) == 64, "ELF-64, figure 2");

struct program_header { /* figure 6 */
        uint32_t type, flags;
        uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};
_Static_assert(sizeof(struct program_header) == 56, "ELF-64, figure 6");

enum {
        CLASS_64 = 2,
        LITTLE_ENDIAN_DATA = 1,
        VERSION_CURRENT = 1,
        TYPE_EXECUTABLE = 2,
        TYPE_DYNAMIC = 3, /* position-independent */
        MACHINE_X86_64 = 62,
        SEGMENT_LOAD = 1,
        SEGMENT_INTERPRETER = 3,
        FLAG_EXECUTE = 1,
        FLAG_WRITE = 2,
        FLAG_READ = 4,
        HEADERS_MAX = 64,
};

static bool within(uint64_t offset, uint64_t bytes, uint64_t size)
{
        return offset <= size && bytes <= size - offset;
}

static const char *header_check(const struct file_header *header, uint64_t size)
{
        const uint8_t *magic = header->magic;
        if (magic[0] != 0x7f || magic[1] != 'E' || magic[2] != 'L' || magic[3] != 'F')
                return "not an ELF file";
        if (header->class != CLASS_64 || header->encoding != LITTLE_ENDIAN_DATA ||
            header->machine != MACHINE_X86_64 || header->version != VERSION_CURRENT)
                return "not for x86-64";
        if (header->type != TYPE_EXECUTABLE && header->type != TYPE_DYNAMIC)
                return "not a program (link with -static or -static-pie)";
        if (header->program_size != sizeof(struct program_header) ||
            header->program_count > HEADERS_MAX ||
            !within(header->program_offset, header->program_count * sizeof(struct program_header),
                    size))
                return "its program headers are damaged";
        return NULL;
}

static unsigned segment_flags(uint32_t flags)
{
        unsigned out = 0;
        if (flags & FLAG_READ)
                out |= MAP_READ;
        if (flags & FLAG_WRITE)
                out |= MAP_READ | MAP_WRITE;
        if (flags & FLAG_EXECUTE)
                out |= MAP_EXECUTE;
        return out;
}

/* How far a program that may lie anywhere is moved, by the first of its pages. */
static uint64_t displacement(uint64_t first, uint64_t base)
{
        return (base ? base : first ? first : ELF_BASE) - first;
}

/* Where the next segment may begin. */
static uint64_t plan_end(const struct elf_plan *plan)
{
        if (plan->count == 0)
                return USER_START;
        const struct elf_segment *last = &plan->segments[plan->count - 1];
        return last->address + last->bytes;
}

static const char *segment_add(const struct program_header *header, uint64_t size, uint64_t end,
                               struct elf_plan *plan)
{
        if (header->memory_bytes == 0)
                return NULL;
        if (plan->count == ELF_SEGMENTS)
                return "it has too many segments";
        if (header->file_bytes > header->memory_bytes ||
            !within(header->offset, header->file_bytes, size))
                return "a segment is not within the file";
        uint64_t address = header->address + plan->displacement, skew = address % PAGE_SIZE;
        if (!within(address, header->memory_bytes, end))
                return "a segment is not where programs may be";
        if (address - skew < plan_end(plan))
                return "its segments overlap or are not in order";
        if (plan->displacement & (header->align - 1))
                return "a segment has another alignment than where it is to lie";
        unsigned flags = segment_flags(header->flags);
        if (flags & MAP_WRITE && flags & MAP_EXECUTE)
                return "a segment is both writable and executable";
        uint64_t bytes = (skew + header->memory_bytes + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
        plan->segments[plan->count++] = (struct elf_segment){
            .address = address - skew,
            .bytes = bytes,
            .file_offset = header->offset,
            .file_bytes = header->file_bytes,
            .skew = skew,
            .flags = flags,
        };
        return NULL;
}

static bool entry_valid(const struct elf_plan *plan)
{
        for (unsigned i = 0; i < plan->count; i++) {
                const struct elf_segment *segment = &plan->segments[i];
                if (segment->flags & MAP_EXECUTE && plan->entry >= segment->address &&
                    plan->entry - segment->address < segment->bytes)
                        return true;
        }
        return false;
}

const char *elf_plan_make(const struct elf_file *file, uint64_t base, uint64_t end,
                          struct elf_plan *plan)
{
        struct file_header header;
        if (file->size < sizeof header)
                return "not an ELF file";
        file->read(file->content, 0, &header, sizeof header);
        const char *wrong = header_check(&header, file->size);
        *plan = (struct elf_plan){0};
        for (unsigned i = 0; !wrong && i < header.program_count; i++) {
                struct program_header segment;
                file->read(file->content, header.program_offset + i * sizeof segment, &segment,
                           sizeof segment);
                if (segment.type == SEGMENT_INTERPRETER)
                        return "it wants a dynamic loader (link with -static)";
                if (segment.type != SEGMENT_LOAD)
                        continue;
                if (header.type == TYPE_DYNAMIC && plan->count == 0)
                        plan->displacement = displacement(segment.address & -PAGE_SIZE, base);
                wrong = segment_add(&segment, file->size, end, plan);
        }
        plan->entry = header.entry + plan->displacement;
        return wrong || entry_valid(plan) ? wrong
                                          : "its entry point is not in an executable segment";
}
