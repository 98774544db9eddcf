/* Standard input as command lines: none is ever cut or lost, however it ends and whatever stands in
 * it. */
#include <string.h>

#include "tests/unit/ptl/suites.h"
#include "tools/ptl/commands.h"

static struct command_line line;

static void setup(void)
{
        line = (struct command_line){.number = 0};
}

/* Feeds bytes of which only the last may complete a line; says how. */
static enum command_take feed(const char *bytes, size_t count)
{
        for (size_t i = 0; i + 1 < count; i++)
                ck_assert_int_eq(command_take(&line, bytes[i]), COMMAND_MORE);
        return command_take(&line, bytes[count - 1]);
}

static enum command_take feed_long(size_t count)
{
        for (size_t i = 0; i < count; i++)
                ck_assert_int_eq(command_take(&line, 'x'), COMMAND_MORE);
        return command_take(&line, '\n');
}

START_TEST(lines_are_taken_as_they_are)
{
        ck_assert_int_eq(feed("one\n", 4), COMMAND_LINE);
        ck_assert_str_eq(line.text, "one");
        ck_assert_int_eq(feed("\n", 1), COMMAND_LINE);
        ck_assert_str_eq(line.text, "");
        ck_assert_int_eq(feed(" t\xff\t\x1b#\r\n", 8), COMMAND_LINE);
        ck_assert_str_eq(line.text, " t\xff\t\x1b#\r");
        ck_assert_uint_eq(line.number, 3);
}
END_TEST

START_TEST(the_longest_line_is_taken_and_one_byte_more_refuses_it_whole)
{
        ck_assert_int_eq(feed_long(BATCH_LINE_MAX), COMMAND_LINE);
        ck_assert_uint_eq(strlen(line.text), BATCH_LINE_MAX);
        ck_assert_int_eq(feed_long(BATCH_LINE_MAX + 1), COMMAND_LONG);
        ck_assert_int_eq(feed_long(3 * BATCH_LINE_MAX), COMMAND_LONG);
        ck_assert_int_eq(feed("next\n", 5), COMMAND_LINE);
        ck_assert_str_eq(line.text, "next");
        ck_assert_uint_eq(line.number, 4);
}
END_TEST

START_TEST(bytes_that_no_command_can_have_refuse_their_line_alone)
{
        ck_assert_int_eq(feed("rm a\0 b\n", 8), COMMAND_BYTE);
        ck_assert_int_eq(feed("rm a\003 b\n", 8), COMMAND_BYTE);
        ck_assert_int_eq(feed("next\n", 5), COMMAND_LINE);
        ck_assert_str_eq(line.text, "next");
}
END_TEST

Suite *commands_suite(void)
{
        Suite *suite = suite_create("commands");
        TCase *tests = tcase_create("commands");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, lines_are_taken_as_they_are);
        tcase_add_test(tests, the_longest_line_is_taken_and_one_byte_more_refuses_it_whole);
        tcase_add_test(tests, bytes_that_no_command_can_have_refuse_their_line_alone);
        suite_add_tcase(suite, tests);
        return suite;
}
