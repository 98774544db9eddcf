/* Which lines of a log name a function. What comes of them is tested where there are programs:
 * tests/system/failure_test.sh. */
#include "tests/unit/ptl/suites.h"

#include <stdlib.h>
#include <string.h>
#include "tools/ptl/source.h"

static const struct {
        const char *line;
        struct frame frame;
} lines[] = {
    {"init: echo: #0 0x5200149d say+0x1d", {0x5200149d, 0x1d, false, "say"}},
    {"init: fs: #11 0x40 say.part.0+0x0\r\n", {0x40, 0, true, "say.part.0"}},
    {"n1    | init: echo: #0 0x5200149d say+0x1d", {0x5200149d, 0x1d, false, "say"}},
    {"n1    |   from ffffffff80101234 frame_take+0x44",
     {0xffffffff80101234, 0x44, true, "frame_take"}},
    {"at ffffffff80101234 frame_take+0x44", {0xffffffff80101234, 0x44, false, "frame_take"}},
    {"  from ffffffff80101234 frame_take+0x44", {0xffffffff80101234, 0x44, true, "frame_take"}},
};

START_TEST(lines_of_backtraces_are_known)
{
        struct frame frame;
        ck_assert(frame_parse(lines[_i].line, &frame));
        ck_assert_uint_eq(frame.address, lines[_i].frame.address);
        ck_assert_uint_eq(frame.offset, lines[_i].frame.offset);
        ck_assert_int_eq(frame.is_return, lines[_i].frame.is_return);
        ck_assert_str_eq(frame.function, lines[_i].frame.function);
}
END_TEST

static const char *const others[] = {
    "",
    "#1 0x12 say+0x1",
    "[12.345] echo: init: #1 0x12 say+0x1",
    "init: #",
    "init: #1",
    "init: #1 0x",
    "init: #1 0x12",
    "init: #1 0x12 say",
    "init: #1 0x12 say+0x",
    "init: #1 0x12 say+0x1 and more",
    "init: #99999999999999 0x12 say+0x1",
    "init: #1 0x11111111111111111 say+0x1",
    "look at ffffffff80101234 frame_take+0x44",
    "at nowhere",
    "init: doubter: ... the same 31 times more",
};

START_TEST(other_lines_are_left_alone)
{
        struct frame frame;
        ck_assert(!frame_parse(others[_i], &frame));
}
END_TEST

START_TEST(a_name_that_is_too_long_is_none)
{
        char line[1024] = "init: #1 0x12 ";
        struct frame frame;
        memset(line + strlen(line), 'n', 500);
        strcat(line, "+0x1");
        ck_assert(!frame_parse(line, &frame));
        ck_assert_str_eq(source_place("/nowhere", "init: #1 0x12 say+0x1"), "");
}
END_TEST

/* Bytes of a guest may be anything; the sanitizers look on. */
START_TEST(random_changes_of_a_line_are_read_safely)
{
        srand(1);
        for (unsigned round = 0; round < 20000; round++) {
                char line[128];
                struct frame frame;
                strcpy(line, lines[round % (sizeof lines / sizeof lines[0])].line);
                for (unsigned i = 0; i < round % 5; i++)
                        line[(size_t)rand() % strlen(line)] = (char)(1 + rand() % 255);
                if (frame_parse(line, &frame))
                        ck_assert_uint_lt(strlen(frame.function), FRAME_FUNCTION);
        }
}
END_TEST

Suite *source_suite(void)
{
        Suite *suite = suite_create("source");
        TCase *tests = tcase_create("source");
        tcase_add_loop_test(tests, lines_of_backtraces_are_known, 0,
                            sizeof lines / sizeof lines[0]);
        tcase_add_loop_test(tests, other_lines_are_left_alone, 0, sizeof others / sizeof others[0]);
        tcase_add_test(tests, random_changes_of_a_line_are_read_safely);
        tcase_add_test(tests, a_name_that_is_too_long_is_none);
        suite_add_tcase(suite, tests);
        return suite;
}
