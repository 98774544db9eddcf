/* From the first bytes of a file to a struct program, or a sentence. What is wrong in a way that
 * people meet is looked for first, so that the sentence is about that; the plan itself is made, and
 * all numbers checked, by kernel/common/elf.c. */
#include "servers/rt/pure/program.h"

#include <elf.h>
#include <stdbool.h>

#include "kernel/abi/memory.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/format.h"

/* The first bytes of the file, as struct elf_file has them. Behind them the file reads as zero. */
struct head {
        const uint8_t *bytes;
        size_t count;
};

static void head_read(const void *content, uint64_t offset, void *to, size_t bytes)
{
        const struct head *head = content;
        uint64_t there = offset < head->count ? head->count - offset : 0;
        uint64_t part = there < bytes ? there : bytes;
        bytes_copy(to, head->bytes + (part ? offset : 0), part);
        bytes_zero((uint8_t *)to + part, bytes - part);
}

static const char *machine_name(unsigned machine)
{
        switch (machine) {
        case EM_386:
                return "32-bit x86";
        case EM_ARM:
                return "32-bit Arm";
        case EM_AARCH64:
                return "64-bit Arm";
        case EM_RISCV:
                return "RISC-V";
        case EM_PPC64:
                return "PowerPC";
        case EM_S390:
                return "S/390";
        default:
                return "another machine";
        }
}

/* What is wrong with a file by its first words; NULL: it may be a program. */
static const char *kind_check(const struct head *head, const Elf64_Ehdr *header,
                              char said[PROGRAM_WRONG])
{
        const unsigned char *identity = header->e_ident;
        if (head->count >= 2 && head->bytes[0] == '#' && head->bytes[1] == '!')
                return "it is a script: run the program that its first line names, with its path";
        if (head->count < sizeof *header || identity[EI_MAG0] != ELFMAG0 ||
            identity[EI_MAG1] != ELFMAG1 || identity[EI_MAG2] != ELFMAG2 ||
            identity[EI_MAG3] != ELFMAG3)
                return "it is no program: not an ELF file";
        if (identity[EI_DATA] == ELFDATA2LSB && header->e_machine != EM_X86_64) {
                format_line(said, PROGRAM_WRONG,
                            "it is for %s (ELF machine %u): build it for x86-64",
                            machine_name(header->e_machine), (unsigned)header->e_machine);
                return said;
        }
        if (identity[EI_CLASS] == ELFCLASS32)
                return "it is a 32-bit program: build it for 64 bits (gcc -m64)";
        if (identity[EI_DATA] != ELFDATA2LSB)
                return "it is for a big-endian machine: build it for x86-64";
        if (header->e_type == ET_REL)
                return "it is an object file: link it (gcc -static)";
        if (header->e_type == ET_CORE)
                return "it is a core dump: run the program that it is of";
        return NULL;
}

/* Whether one of the headers lies behind what was read: no linker puts them there. */
static bool headers_beyond(const struct head *head, const Elf64_Ehdr *header)
{
        uint64_t bytes = (uint64_t)header->e_phnum * sizeof(Elf64_Phdr);
        return header->e_phoff > head->count || bytes > head->count - header->e_phoff;
}

static void header_of(const struct head *head, const Elf64_Ehdr *file, unsigned index,
                      Elf64_Phdr *header)
{
        head_read(head, file->e_phoff + (uint64_t)index * sizeof *header, header, sizeof *header);
}

/* Whether it wants a dynamic loader. */
static bool is_dynamic(const struct head *head, const Elf64_Ehdr *file)
{
        for (unsigned i = 0; i < file->e_phnum; i++) {
                Elf64_Phdr header;
                header_of(head, file, i, &header);
                if (header.p_type == PT_INTERP)
                        return true;
        }
        return false;
}

static uint64_t word_up(uint64_t bytes)
{
        return (bytes + 3) & ~(uint64_t)3;
}

/* The version in our note among the notes of `bytes` at an offset of the file; 0: it is not there.
 * Notes that do not lie in the head are not looked at. */
static uint32_t notes_find(const struct head *head, uint64_t offset, uint64_t bytes)
{
        static const char own[] = PROGRAM_NOTE_NAME;
        if (offset > head->count || bytes > head->count - offset)
                return 0;
        while (bytes >= sizeof(Elf64_Nhdr)) {
                Elf64_Nhdr note;
                char name[sizeof own];
                uint32_t version;
                head_read(head, offset, &note, sizeof note);
                uint64_t names = word_up(note.n_namesz), whole = word_up(note.n_descsz);
                whole += sizeof note + names;
                if (whole > bytes)
                        return 0;
                if (note.n_type == PROGRAM_NOTE_TYPE && note.n_namesz == sizeof own &&
                    note.n_descsz == sizeof version) {
                        head_read(head, offset + sizeof note, name, sizeof name);
                        head_read(head, offset + sizeof note + names, &version, sizeof version);
                        if (bytes_equal(name, own, sizeof own))
                                return version;
                }
                offset += whole;
                bytes -= whole;
        }
        return 0;
}

static uint32_t note_version(const struct head *head, const Elf64_Ehdr *file)
{
        uint32_t version = 0;
        for (unsigned i = 0; i < file->e_phnum && !version; i++) {
                Elf64_Phdr header;
                header_of(head, file, i, &header);
                if (header.p_type == PT_NOTE)
                        version = notes_find(head, header.p_offset, header.p_filesz);
        }
        return version;
}

/* Where the headers of the file will lie, by the segment that has them. */
static uint64_t headers_address(const Elf64_Ehdr *file, const struct elf_plan *plan)
{
        uint64_t bytes = (uint64_t)file->e_phnum * sizeof(Elf64_Phdr);
        for (unsigned i = 0; i < plan->count; i++) {
                const struct elf_segment *segment = &plan->segments[i];
                if (file->e_phoff >= segment->file_offset && bytes <= segment->file_bytes &&
                    file->e_phoff - segment->file_offset <= segment->file_bytes - bytes)
                        return segment->address + segment->skew + file->e_phoff -
                               segment->file_offset;
        }
        return 0;
}

const char *program_read(const void *head, size_t head_bytes, uint64_t file_bytes, uint64_t base,
                         struct program *program, char said[PROGRAM_WRONG])
{
        const struct head read = {head, head_bytes < file_bytes ? head_bytes : file_bytes};
        const struct elf_file file = {file_bytes, head_read, &read};
        Elf64_Ehdr header;
        head_read(&read, 0, &header, sizeof header);
        const char *wrong = kind_check(&read, &header, said);
        if (wrong)
                return wrong;
        if (header.e_phentsize != sizeof(Elf64_Phdr) || headers_beyond(&read, &header))
                return "its program headers are damaged, or not at its beginning";
        if (is_dynamic(&read, &header))
                return "it is linked dynamically: link it with -static or -static-pie";
        if (header.e_type == ET_DYN && !header.e_entry)
                return "it is a library: it has no entry point";
        uint32_t version = note_version(&read, &header);
        if (version > PROGRAM_NOTE_VERSION) {
                format_line(said, PROGRAM_WRONG,
                            "it was built for a later Portolan (version %u of its note, here is "
                            "%u): build it with this one",
                            version, (unsigned)PROGRAM_NOTE_VERSION);
                return said;
        }
        wrong = elf_plan_make(&file, base, -(uint64_t)PAGE_SIZE, &program->plan);
        program->kind = version ? PROGRAM_NATIVE : PROGRAM_LINUX;
        program->header_count = header.e_phnum;
        program->headers = wrong ? 0 : headers_address(&header, &program->plan);
        return wrong;
}
