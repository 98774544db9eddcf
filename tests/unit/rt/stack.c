/* What Linux puts on the stack of a program, read back as a program would. */
#include "tests/unit/rt/suites.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/stack.h"

#define TOP 0x7ffff000ull

enum { SIZE = 8192 };

static uint8_t memory[SIZE];

/* Where a program finds an address of its own. */
static const char *at(uint64_t address)
{
        ck_assert(address >= TOP - SIZE && address < TOP);
        return (const char *)memory + (SIZE - (TOP - address));
}

static uint64_t word(uint64_t address)
{
        uint64_t value;
        ck_assert_uint_eq(address % 8, 0);
        memcpy(&value, at(address), sizeof value);
        return value;
}

/* Reads an array of strings; returns the address behind its NULL. */
static uint64_t expect_strings(uint64_t address, const char *const *expected)
{
        for (; *expected; expected++, address += 8)
                ck_assert_str_eq(at(word(address)), *expected);
        ck_assert_uint_eq(word(address), 0);
        return address + 8;
}

static uint64_t auxiliary(uint64_t address, uint64_t type)
{
        for (; word(address) != AT_NULL; address += 16)
                if (word(address) == type)
                        return word(address + 8);
        ck_abort_msg("type %lu is not there", type);
        return 0;
}

#define STRINGS(text) ((struct strings){text, sizeof(text)})

START_TEST(a_program_finds_all_of_it)
{
        const struct stack_content content = {
            .arguments = STRINGS("sort\0-r\0\0last"),
            .environment = STRINGS("A=1\0B="),
            .entry = 0x401000,
            .headers = 0x400040,
            .header_count = 7,
            .random = "0123456789abcde",
        };
        ck_assert_uint_le(stack_bytes(&content), SIZE);
        uint64_t stack = stack_write(&content, memory, SIZE, TOP);
        ck_assert_uint_eq(stack % 16, 0);
        ck_assert_uint_eq(word(stack), 4);
        ck_assert_uint_ge(stack, TOP - stack_bytes(&content));
        uint64_t behind =
            expect_strings(stack + 8, (const char *const[]){"sort", "-r", "", "last", NULL});
        behind = expect_strings(behind, (const char *const[]){"A=1", "B=", NULL});
        ck_assert_uint_eq(auxiliary(behind, AT_ENTRY), 0x401000);
        ck_assert_uint_eq(auxiliary(behind, AT_PHDR), 0x400040);
        ck_assert_uint_eq(auxiliary(behind, AT_PHNUM), 7);
        ck_assert_uint_eq(auxiliary(behind, AT_SECURE), 0);
        ck_assert_str_eq(at(auxiliary(behind, AT_RANDOM)), "0123456789abcde");
        ck_assert_str_eq(at(auxiliary(behind, AT_EXECFN)), "sort");
}
END_TEST

START_TEST(no_strings_at_all_are_no_mistake)
{
        const struct stack_content content = {.entry = 1};
        uint64_t stack = stack_write(&content, memory, SIZE, TOP);
        ck_assert_uint_eq(word(stack), 0);
        ck_assert_uint_eq(word(stack + 8), 0);
        ck_assert_uint_eq(word(stack + 16), 0);
        ck_assert_uint_eq(auxiliary(stack + 24, AT_EXECFN), 0);
}
END_TEST

START_TEST(what_is_not_strings_is_refused)
{
        struct stack_content content = {.arguments = {"open", 4}};
        static char many[STACK_STRINGS_MOST + 1];
        ck_assert_uint_eq(stack_bytes(&content), 0);
        content.arguments = (struct strings){many, sizeof many};
        ck_assert_uint_eq(stack_bytes(&content), 0);
        content.arguments.length--;
        ck_assert_uint_ne(stack_bytes(&content), 0);
}
END_TEST

TCase *stack_tests(void)
{
        TCase *tests = tcase_create("stack");
        tcase_add_test(tests, a_program_finds_all_of_it);
        tcase_add_test(tests, no_strings_at_all_are_no_mistake);
        tcase_add_test(tests, what_is_not_strings_is_refused);
        return tests;
}
