/* Chains of calls on a small stack: main, at 0x1000, has called helper, at 0x1100. */
#include "tests/unit/rt/suites.h"

#include <string.h>
#include "servers/rt/pure/unwind.h"
#include "tests/unit/rt/symbol_file.h"

enum {
        CODE = 0x1000,
        HELPER = 0x1100,
        ENTRY = 0x1180, /* of Linux system calls */
        HANDLER = 0x11c0,
        BEHIND_CALL = 0x1025, /* in main */
        BEFORE_MAIN = 0x0900, /* where main returns to */
        STACK = 0x8000,
        WORDS = 64,
};

static struct symbol_file file;
static uint8_t code[0x200];
static uint64_t stack[WORDS];
static uint64_t displacement; /* of the program from its file's addresses, modulo 2^64 */

static void setup(void)
{
        const int32_t distance = HELPER - BEHIND_CALL;
        displacement = 0;
        memset(stack, 0, sizeof stack);
        symbol_file_make(&file, "main", "helper", "rt_linux_entry");
        file.symbols[1].st_value = CODE;
        file.symbols[1].st_size = 0x100;
        file.symbols[2].st_value = HELPER;
        file.symbols[2].st_size = 0x80;
        file.symbols[3].st_value = ENTRY;
        file.symbols[3].st_size = 0x40;
        code[BEHIND_CALL - CODE - 5] = 0xe8;
        memcpy(&code[BEHIND_CALL - CODE - 4], &distance, sizeof distance);
}

static bool memory_read(void *context, uint64_t address, void *to, size_t bytes)
{
        (void)context;
        const struct {
                uint64_t at;
                const void *bytes;
                size_t size;
        } parts[] = {{CODE, code, sizeof code}, {STACK, stack, sizeof stack}};
        for (unsigned i = 0; i < 2; i++) {
                if (address < parts[i].at || address - parts[i].at > parts[i].size ||
                    bytes > parts[i].size - (address - parts[i].at))
                        continue;
                memcpy(to, (const char *)parts[i].bytes + (address - parts[i].at), bytes);
                return true;
        }
        return false;
}

static uint64_t at(unsigned word)
{
        return STACK + 8 * word;
}

/* main's frame: its caller's, and where it returns to. */
static void main_frame(unsigned word)
{
        stack[word] = 0;
        stack[word + 1] = BEFORE_MAIN;
}

static void expect_whole_chain(uint64_t rip, uint64_t rsp, uint64_t rbp)
{
        const struct unwind unwind = {memory_read, NULL, {&file, sizeof file, displacement}};
        uint64_t addresses[8] = {0};
        ck_assert_uint_eq(unwind_chain(&unwind, rip, rsp, rbp, addresses, 8), 3);
        ck_assert_uint_eq(addresses[0], rip);
        ck_assert_uint_eq(addresses[1], BEHIND_CALL);
        ck_assert_uint_eq(addresses[2], BEFORE_MAIN);
}

START_TEST(frames_lead_to_the_callers)
{
        main_frame(20);
        stack[10] = at(20);
        stack[11] = BEHIND_CALL;
        expect_whole_chain(HELPER + 9, at(4), at(10));
}
END_TEST

START_TEST(a_leaf_without_a_frame_has_its_caller)
{
        main_frame(20);
        stack[10] = BEHIND_CALL;
        expect_whole_chain(HELPER + 9, at(10), at(20));
        expect_whole_chain(HELPER, at(10), at(20)); /* before its first instruction, too */
}
END_TEST

START_TEST(a_function_that_uses_rbp_otherwise_has_its_caller)
{
        main_frame(20);
        stack[8] = 12345;
        stack[9] = at(20); /* pushed */
        stack[10] = BEHIND_CALL;
        expect_whole_chain(HELPER + 9, at(6), 0);
        expect_whole_chain(HELPER + 9, at(6), 0xdeadbeef);
        expect_whole_chain(HELPER + 9, at(6), 7);
}
END_TEST

/* helper makes a Linux system call on the program's stack; it has no frame. */
START_TEST(a_system_call_leads_back_to_the_program)
{
        const struct unwind unwind = {memory_read, NULL, {&file, sizeof file, displacement}};
        uint64_t addresses[8] = {0};
        main_frame(40);
        stack[30] = BEHIND_CALL;
        stack[10] = at(40);
        stack[11] = ENTRY + 0x20;
        stack[19] = HELPER + 9; /* where the program goes on */
        stack[21] = at(30);     /* and its stack */
        ck_assert_uint_eq(unwind_chain(&unwind, HANDLER, at(4), at(10), addresses, 8), 5);
        ck_assert_uint_eq(addresses[1], ENTRY + 0x20);
        ck_assert_uint_eq(addresses[2], HELPER + 9);
        ck_assert_uint_eq(addresses[3], BEHIND_CALL);
        ck_assert_uint_eq(addresses[4], BEFORE_MAIN);
        /* One that leads to itself ends all the same. */
        stack[19] = HANDLER;
        stack[21] = at(4);
        stack[10] = at(10);
        ck_assert_uint_eq(unwind_chain(&unwind, HANDLER, at(4), at(10), addresses, 8), 8);
}
END_TEST

START_TEST(what_was_left_on_the_stack_is_not_taken_for_a_call)
{
        const struct unwind unwind = {memory_read, NULL, {&file, sizeof file, displacement}};
        uint64_t addresses[8];
        main_frame(20);
        /* Behind a call, but not of this function; and no call at all. */
        stack[5] = BEHIND_CALL;
        stack[6] = BEHIND_CALL + 1;
        ck_assert_uint_eq(unwind_chain(&unwind, CODE + 0x30, at(4), at(20), addresses, 8), 2);
        ck_assert_uint_eq(addresses[1], BEFORE_MAIN);
}
END_TEST

START_TEST(a_program_that_was_moved_has_the_same_chain)
{
        displacement = 0x12000;
        for (unsigned i = 1; i <= 3; i++)
                file.symbols[i].st_value -= displacement; /* as if linked for lower addresses */
        main_frame(20);
        stack[10] = BEHIND_CALL;
        expect_whole_chain(HELPER + 9, at(10), at(20));
}
END_TEST

START_TEST(a_broken_stack_ends_the_chain)
{
        const struct unwind unwind = {memory_read, NULL, {&file, sizeof file, displacement}};
        uint64_t addresses[8];
        ck_assert_uint_eq(unwind_chain(&unwind, HELPER, 0, 0, addresses, 8), 1);
        ck_assert_uint_eq(unwind_chain(&unwind, HELPER, UINT64_MAX, UINT64_MAX - 7, addresses, 8),
                          1);
        ck_assert_uint_eq(unwind_chain(&unwind, HELPER, at(3) + 1, at(3) + 1, addresses, 8), 1);
        for (unsigned i = 0; i < WORDS; i++)
                stack[i] = at(i); /* each frame its own caller's */
        ck_assert_uint_le(unwind_chain(&unwind, HELPER, at(0), at(0), addresses, 8), 8);
        ck_assert_uint_eq(unwind_chain(&unwind, HELPER, at(0), at(0), addresses, 0), 0);
}
END_TEST

TCase *unwind_tests(void)
{
        TCase *tests = tcase_create("unwind");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, frames_lead_to_the_callers);
        tcase_add_test(tests, a_leaf_without_a_frame_has_its_caller);
        tcase_add_test(tests, a_function_that_uses_rbp_otherwise_has_its_caller);
        tcase_add_test(tests, a_system_call_leads_back_to_the_program);
        tcase_add_test(tests, what_was_left_on_the_stack_is_not_taken_for_a_call);
        tcase_add_test(tests, a_program_that_was_moved_has_the_same_chain);
        tcase_add_test(tests, a_broken_stack_ends_the_chain);
        return tests;
}
