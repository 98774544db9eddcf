/* A file made field by field, as ELF-64 1.5 has them. */
#include "tests/unit/rt/symbol_file.h"

#include <stddef.h>
#include <string.h>

void symbol_file_make(struct symbol_file *file, const char *first, const char *second,
                      const char *third)
{
        const char *names[] = {first, second, third};
        size_t used = 1;
        memset(file, 0, sizeof *file);
        file->header.e_ident[EI_CLASS] = ELFCLASS64;
        file->header.e_shoff = offsetof(struct symbol_file, sections);
        file->header.e_shentsize = sizeof(Elf64_Shdr);
        file->header.e_shnum = 3;
        file->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                         .sh_offset = offsetof(struct symbol_file, symbols),
                                         .sh_size = sizeof file->symbols,
                                         .sh_link = 2};
        file->sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
                                         .sh_offset = offsetof(struct symbol_file, names),
                                         .sh_size = sizeof file->names};
        for (unsigned i = 0; i < 3; i++) {
                file->symbols[1 + i] =
                    (Elf64_Sym){.st_name = (Elf64_Word)used, .st_info = STT_FUNC, .st_shndx = 1};
                strcpy(file->names + used, names[i]);
                used += strlen(names[i]) + 1;
        }
}
