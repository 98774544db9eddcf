/* A small ELF file that has nothing but a table of symbols, for the tests to spoil. */
#ifndef TESTS_RT_SYMBOL_FILE_H
#define TESTS_RT_SYMBOL_FILE_H

#include <elf.h>

struct symbol_file {
        Elf64_Ehdr header;
        Elf64_Shdr sections[3]; /* none, the symbols, their names */
        Elf64_Sym symbols[4];   /* the first one is none */
        char names[32];
};

/* Headers, and three functions `name\0name\0name` of section 1; their values and sizes, and what
 * else they are, are the caller's to set. */
void symbol_file_make(struct symbol_file *file, const char *first, const char *second,
                      const char *third);

#endif
