/* What the terminal's other end says of its size is no key, and nothing else is taken for it. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/keyboard.h"

static struct keyboard_filter filter;
static char passed[256];
static unsigned sizes;

static void take(const char *bytes)
{
        size_t length = 0;
        sizes = 0;
        for (; *bytes; bytes++) {
                bool sized;
                length += keyboard_filter(&filter, *bytes, passed + length, &sized);
                sizes += sized;
        }
        passed[length] = 0;
}

START_TEST(a_size_is_taken_out)
{
        take("a\x1b[8;24;132tb");
        ck_assert_str_eq(passed, "ab");
        ck_assert_uint_eq(sizes, 1);
        ck_assert_uint_eq(filter.rows, 24);
        ck_assert_uint_eq(filter.columns, 132);
        take("\x1b[8;0;0t\x1b[8;9999;9999t");
        ck_assert_str_eq(passed, "");
        ck_assert_uint_eq(sizes, 2);
}
END_TEST

START_TEST(the_mark_behind_what_was_pasted_is_taken_out_once)
{
        take("\x1b[201~"); /* a program's own */
        ck_assert_str_eq(passed, "\x1b[201~");
        filter.pasting = true;
        take("a\x1b[20\x1b[A\x1b[8;24;80tb\x1b[201~c\x1b[201~");
        ck_assert_str_eq(passed, "a\x1b[20\x1b[Abc\x1b[201~");
        ck_assert(!filter.pasting && sizes == 1);
}
END_TEST

START_TEST(other_sequences_pass)
{
        static const char *const sequences[] = {
            "\x1b[A",
            "\x1bOP",
            "\x1b[8~",
            "\x1b[8;24t",
            "\x1b[8;24;80;1t",
            "\x1b[8;;80t",
            "\x1b[8;24;80m",
            "\x1b[8;10000;80t",
            "\x1b\x1b[A",
            "\x1b[8;2\x1b[A",
            "\x1b[8;00000000000024;80t",
        };
        for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
                take(sequences[i]);
                ck_assert_str_eq(passed, sequences[i]);
                ck_assert_uint_eq(sizes, 0);
                ck_assert_uint_eq(filter.length, 0);
        }
}
END_TEST

START_TEST(an_escape_key_is_held_and_let_go)
{
        take("\x1b");
        ck_assert_str_eq(passed, "");
        ck_assert_uint_eq(keyboard_filter_end(&filter, passed), 1);
        ck_assert_int_eq(passed[0], '\x1b');
        take("\x1bq");
        ck_assert_str_eq(passed, "\x1bq");
}
END_TEST

Suite *keyboard_suite(void)
{
        Suite *suite = suite_create("keyboard");
        TCase *tests = tcase_create("keyboard");
        tcase_add_test(tests, a_size_is_taken_out);
        tcase_add_test(tests, the_mark_behind_what_was_pasted_is_taken_out_once);
        tcase_add_test(tests, other_sequences_pass);
        tcase_add_test(tests, an_escape_key_is_held_and_let_go);
        suite_add_tcase(suite, tests);
        return suite;
}
