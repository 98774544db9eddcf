/* Loads the first task. Layouts: ELF-64 Object File Format, version 1.5, file header and program
 * headers. The file comes from outside: every offset and size is checked before it is used. */
#include "kernel/first.h"
#include "kernel/debug/panic.h"
#include "kernel/include/string.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/space.h"

struct elf_header {
        uint8_t identification[16];
        uint16_t type, machine;
        uint32_t version;
        uint64_t entry, program_offset, section_offset;
        uint32_t flags;
        uint16_t header_size, program_size, program_count;
        uint16_t section_size, section_count, section_names;
};
_Static_assert(sizeof(struct elf_header) == 64, "ELF-64, figure 2");

struct elf_program {
        uint32_t type, flags;
        uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};
_Static_assert(sizeof(struct elf_program) == 56, "ELF-64, figure 6");

enum {
        ELF_EXECUTABLE = 2,
        ELF_X86_64 = 62,
        ELF_LOAD = 1,
        ELF_FLAG_X = 1,
        ELF_FLAG_W = 2,
        ELF_FLAG_R = 4,
};

static void image_read(const struct memory *image, uint64_t offset, void *to, uint64_t bytes)
{
        for (char *at = to; bytes;) {
                uint64_t part = PAGE_SIZE - (offset & (PAGE_SIZE - 1));
                if (part > bytes)
                        part = bytes;
                const char *page = direct(memory_page(image, offset >> PAGE_SHIFT));
                memcpy(at, page + (offset & (PAGE_SIZE - 1)), part);
                at += part;
                offset += part;
                bytes -= part;
        }
}

static void load_segment(struct space *space, struct account *account, const struct memory *image,
                         uint64_t bytes, const struct elf_program *program)
{
        if (program->offset > bytes || program->file_bytes > bytes - program->offset ||
            program->file_bytes > program->memory_bytes || program->address >= USER_END ||
            program->memory_bytes > USER_END - program->address)
                panic("first task: a segment lies outside the file or the user addresses");
        uint64_t start = page_down(program->address);
        uint64_t end = page_up(program->address + program->memory_bytes);
        struct memory *memory = memory_create(account, (end - start) >> PAGE_SHIFT);
        if (!memory)
                panic("first task: no memory for a segment; give the machine more");
        for (uint64_t done = 0; done < program->file_bytes;) {
                uint64_t at = program->address + done - start;
                uint64_t part = PAGE_SIZE - (at & (PAGE_SIZE - 1));
                if (part > program->file_bytes - done)
                        part = program->file_bytes - done;
                char *page = direct(memory_page(memory, at >> PAGE_SHIFT));
                image_read(image, program->offset + done, page + (at & (PAGE_SIZE - 1)), part);
                done += part;
        }
        unsigned flags = MAP_READ;
        flags |= program->flags & ELF_FLAG_W ? MAP_WRITE : 0;
        flags |= program->flags & ELF_FLAG_X ? MAP_EXECUTE : 0;
        outcome_t outcome = space_map(space, memory, start, 0, end - start, flags, flags);
        if (outcome != OUTCOME_OK)
                panic("first task: segment at %lx: %s", start,
                      reason_text(outcome_reason(outcome)));
}

uint64_t first_load(struct space *space, struct account *account, struct memory *image,
                    uint64_t bytes)
{
        static const uint8_t magic[6] = {0x7f, 'E', 'L', 'F', 2, 1};
        struct elf_header header;
        if (!image || bytes < sizeof(header))
                panic("first task: the first module is no ELF file");
        image_read(image, 0, &header, sizeof(header));
        if (memcmp(header.identification, magic, sizeof(magic)) || header.type != ELF_EXECUTABLE ||
            header.machine != ELF_X86_64 || header.program_size != sizeof(struct elf_program))
                panic("first task: not a static ELF64 executable for x86-64");
        if (header.program_offset > bytes ||
            header.program_count * sizeof(struct elf_program) > bytes - header.program_offset)
                panic("first task: the program headers lie outside the file");
        for (unsigned i = 0; i < header.program_count; i++) {
                struct elf_program program;
                image_read(image, header.program_offset + i * sizeof(program), &program,
                           sizeof(program));
                if (program.type == ELF_LOAD && program.memory_bytes)
                        load_segment(space, account, image, bytes, &program);
        }
        return header.entry;
}
