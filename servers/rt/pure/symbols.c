/* A walk through the symbol table where it lies in the file. Every offset and length of the file is
 * checked before it is used. */
#include "servers/rt/pure/symbols.h"

#include <elf.h>
#include "servers/rt/pure/bytes.h"

struct table {
        const uint8_t *entries;
        uint64_t count;
        const char *names;
        uint64_t names_bytes;
};

static bool section_read(const uint8_t *file, size_t size, const Elf64_Ehdr *header, unsigned index,
                         Elf64_Shdr *section)
{
        if (index >= header->e_shnum)
                return false;
        bytes_copy(section, file + header->e_shoff + index * sizeof *section, sizeof *section);
        return section->sh_type == SHT_NOBITS ||
               (section->sh_offset <= size && section->sh_size <= size - section->sh_offset);
}

/* The symbol table and its names; false if there is none, or it is damaged. */
static bool table_find(const uint8_t *file, size_t size, struct table *table)
{
        Elf64_Ehdr header;
        Elf64_Shdr symbols, names;
        if (size < sizeof header)
                return false;
        bytes_copy(&header, file, sizeof header);
        if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof symbols ||
            header.e_shoff > size ||
            (uint64_t)header.e_shnum * sizeof symbols > size - header.e_shoff)
                return false;
        for (unsigned i = 0; i < header.e_shnum; i++) {
                if (!section_read(file, size, &header, i, &symbols) ||
                    symbols.sh_type != SHT_SYMTAB)
                        continue;
                if (!section_read(file, size, &header, symbols.sh_link, &names) ||
                    names.sh_type != SHT_STRTAB || names.sh_size == 0 ||
                    file[names.sh_offset + names.sh_size - 1] != 0)
                        return false;
                table->entries = file + symbols.sh_offset;
                table->count = symbols.sh_size / sizeof(Elf64_Sym);
                table->names = (const char *)file + names.sh_offset;
                table->names_bytes = names.sh_size;
                return true;
        }
        return false;
}

/* Functions have a size, but for some written in assembly; then the nearest one below counts. */
bool symbol_find(const void *file, size_t size, uint64_t address, struct symbol *symbol)
{
        struct table table;
        bool found = false;
        if (!table_find(file, size, &table))
                return false;
        for (uint64_t i = 0; i < table.count; i++) {
                Elf64_Sym entry;
                bytes_copy(&entry, table.entries + i * sizeof entry, sizeof entry);
                unsigned type = ELF64_ST_TYPE(entry.st_info);
                if ((type != STT_FUNC && type != STT_NOTYPE) || entry.st_shndx == SHN_UNDEF ||
                    entry.st_shndx == SHN_ABS || entry.st_name >= table.names_bytes ||
                    !table.names[entry.st_name] || entry.st_value > address)
                        continue;
                uint64_t offset = address - entry.st_value;
                bool inside = entry.st_size ? offset < entry.st_size : type == STT_NOTYPE;
                if (!inside || (found && offset > symbol->offset))
                        continue;
                *symbol = (struct symbol){table.names + entry.st_name, offset};
                found = true;
        }
        return found;
}

bool image_symbol(const struct image *image, uint64_t address, struct symbol *symbol)
{
        return image->file &&
               symbol_find(image->file, image->size, address - image->displacement, symbol);
}
