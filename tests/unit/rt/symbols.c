/* Symbols of a small file made here. */
#include "tests/unit/rt/suites.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "servers/rt/symbols.h"

static struct {
        Elf64_Ehdr header;
        Elf64_Shdr sections[3];
        Elf64_Sym symbols[4];
        char names[32];
} file;

static void setup(void)
{
        memset(&file, 0, sizeof file);
        file.header.e_ident[EI_CLASS] = ELFCLASS64;
        file.header.e_shoff = offsetof(__typeof__(file), sections);
        file.header.e_shentsize = sizeof(Elf64_Shdr);
        file.header.e_shnum = 3;
        file.sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                        .sh_offset = offsetof(__typeof__(file), symbols),
                                        .sh_size = sizeof file.symbols,
                                        .sh_link = 2};
        file.sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
                                        .sh_offset = offsetof(__typeof__(file), names),
                                        .sh_size = sizeof file.names};
        memcpy(file.names, "\0main\0helper\0assembly", 22);
        file.symbols[1] = (Elf64_Sym){
            .st_name = 1, .st_info = STT_FUNC, .st_shndx = 1, .st_value = 0x1000, .st_size = 0x50};
        file.symbols[2] = (Elf64_Sym){
            .st_name = 6, .st_info = STT_FUNC, .st_shndx = 1, .st_value = 0x1050, .st_size = 0x10};
        file.symbols[3] =
            (Elf64_Sym){.st_name = 13, .st_info = STT_NOTYPE, .st_shndx = 1, .st_value = 0x2000};
}

static bool find(uint64_t address, struct symbol *symbol)
{
        return symbol_find(&file, sizeof file, address, symbol);
}

START_TEST(an_address_lies_in_its_function)
{
        struct symbol symbol;
        ck_assert(find(0x1000, &symbol));
        ck_assert_str_eq(symbol.name, "main");
        ck_assert_uint_eq(symbol.offset, 0);
        ck_assert(find(0x1055, &symbol));
        ck_assert_str_eq(symbol.name, "helper");
        ck_assert_uint_eq(symbol.offset, 5);
        ck_assert(find(0x2010, &symbol));
        ck_assert_str_eq(symbol.name, "assembly");
        ck_assert(!find(0xfff, &symbol));
        ck_assert(!find(0x1060, &symbol));
}
END_TEST

START_TEST(a_number_is_no_function)
{
        struct symbol symbol;
        file.symbols[3].st_shndx = SHN_ABS;
        file.symbols[3].st_value = 0x1ff8;
        ck_assert(!find(0x1ff8, &symbol));
        ck_assert(!find(0x2010, &symbol));
}
END_TEST

START_TEST(damaged_tables_name_nothing)
{
        struct symbol symbol;
        file.header.e_shoff = UINT64_MAX;
        ck_assert(!find(0x1000, &symbol));
        setup();
        file.header.e_shnum = UINT16_MAX;
        ck_assert(!find(0x1000, &symbol));
        setup();
        file.sections[1].sh_size = UINT64_MAX;
        ck_assert(!find(0x1000, &symbol));
        setup();
        file.sections[1].sh_link = 9;
        ck_assert(!find(0x1000, &symbol));
        setup();
        file.sections[2].sh_offset = UINT64_MAX - 4;
        ck_assert(!find(0x1000, &symbol));
        setup();
        file.names[sizeof file.names - 1] = 'x';
        ck_assert(!find(0x1000, &symbol));
        setup();
        file.symbols[1].st_name = 32;
        ck_assert(!find(0x1000, &symbol));
}
END_TEST

START_TEST(a_file_cut_anywhere_names_something_or_nothing)
{
        for (size_t size = 0; size < sizeof file; size++) {
                struct symbol symbol;
                char *copy = malloc(size ? size : 1);
                memcpy(copy, &file, size);
                ck_assert(!symbol_find(copy, size, 0x1000, &symbol));
                free(copy);
        }
}
END_TEST

TCase *symbols_tests(void)
{
        TCase *tests = tcase_create("symbols");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, an_address_lies_in_its_function);
        tcase_add_test(tests, a_number_is_no_function);
        tcase_add_test(tests, damaged_tables_name_nothing);
        tcase_add_test(tests, a_file_cut_anywhere_names_something_or_nothing);
        return tests;
}
