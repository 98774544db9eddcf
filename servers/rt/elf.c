#include "servers/rt/elf.h"

#include <elf.h>
#include <stdbool.h>
#include "kernel/abi/memory.h"
#include "servers/rt/bytes.h"

static bool within(uint64_t offset, uint64_t bytes, uint64_t size)
{
        return offset <= size && bytes <= size - offset;
}

static const char *header_check(const Elf64_Ehdr *header, size_t size)
{
        const unsigned char *ident = header->e_ident;
        if (ident[EI_MAG0] != ELFMAG0 || ident[EI_MAG1] != ELFMAG1 || ident[EI_MAG2] != ELFMAG2 ||
            ident[EI_MAG3] != ELFMAG3)
                return "not an ELF file";
        if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB ||
            header->e_machine != EM_X86_64 || header->e_version != EV_CURRENT)
                return "not for x86-64";
        if (header->e_type != ET_EXEC)
                return "not a program at fixed addresses (link with -static -no-pie)";
        if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum > 64 ||
            !within(header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr), size))
                return "its program headers are damaged";
        return NULL;
}

static unsigned map_flags_of(uint32_t flags)
{
        unsigned out = 0;
        if (flags & PF_R)
                out |= MAP_READ;
        if (flags & PF_W)
                out |= MAP_READ | MAP_WRITE;
        if (flags & PF_X)
                out |= MAP_EXECUTE;
        return out;
}

static const char *segment_add(const Elf64_Phdr *header, size_t size, struct elf_plan *plan)
{
        uint64_t previous_end = USER_START;
        if (plan->count) {
                const struct elf_segment *previous = &plan->segments[plan->count - 1];
                previous_end = previous->address + previous->bytes;
        }
        if (header->p_memsz == 0)
                return NULL;
        if (plan->count == ELF_SEGMENTS)
                return "it has too many segments";
        if (header->p_filesz > header->p_memsz || !within(header->p_offset, header->p_filesz, size))
                return "a segment is not within the file";
        if (!within(header->p_vaddr, header->p_memsz, ELF_PROGRAM_END))
                return "a segment is not where programs may be";
        uint64_t skew = header->p_vaddr % PAGE_SIZE, address = header->p_vaddr - skew;
        if (address < previous_end)
                return "its segments overlap or are not in order";
        unsigned flags = map_flags_of(header->p_flags);
        if (flags & MAP_WRITE && flags & MAP_EXECUTE)
                return "a segment is both writable and executable";
        uint64_t bytes = (skew + header->p_memsz + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
        plan->segments[plan->count++] = (struct elf_segment){
            .address = address,
            .bytes = bytes,
            .file_offset = header->p_offset,
            .file_bytes = header->p_filesz,
            .skew = skew,
            .flags = flags,
        };
        plan->memory += bytes;
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

const char *elf_plan_make(const void *file, size_t size, struct elf_plan *plan)
{
        Elf64_Ehdr header;
        if (size < sizeof header)
                return "not an ELF file";
        bytes_copy(&header, file, sizeof header);
        const char *wrong = header_check(&header, size);
        if (wrong)
                return wrong;
        *plan = (struct elf_plan){.entry = header.e_entry};
        for (unsigned i = 0; i < header.e_phnum; i++) {
                Elf64_Phdr segment;
                bytes_copy(&segment, (const uint8_t *)file + header.e_phoff + i * sizeof segment,
                           sizeof segment);
                if (segment.p_type == PT_INTERP)
                        return "it wants a dynamic loader (link with -static)";
                if (segment.p_type == PT_LOAD)
                        wrong = segment_add(&segment, size, plan);
                if (wrong)
                        return wrong;
        }
        if (!entry_valid(plan))
                return "its entry point is not in an executable segment";
        return NULL;
}
