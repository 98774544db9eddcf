/* Symbols of a small file made here. */
#include "tests/unit/rt/suites.h"

#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/symbols.h"
#include "tests/unit/rt/symbol_file.h"

static struct symbol_file file;

static void setup(void)
{
        symbol_file_make(&file, "main", "helper", "assembly");
        file.symbols[1].st_value = 0x1000;
        file.symbols[1].st_size = 0x50;
        file.symbols[2].st_value = 0x1050;
        file.symbols[2].st_size = 0x10;
        file.symbols[3].st_value = 0x2000;
        file.symbols[3].st_info = STT_NOTYPE;
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
