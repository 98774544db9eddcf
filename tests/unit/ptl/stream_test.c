/* What comes in pieces: lines, the batch shell's answers, the word of a shell that was left, and a
 * screen. */
#include <stdio.h>
#include <string.h>

#include "servers/rt/pure/visible.h"
#include "tests/unit/ptl/suites.h"
#include "tools/ptl/batch.h"
#include "tools/ptl/lines.h"
#include "tools/ptl/screen.h"
#include "tools/ptl/terminal.h"

struct collected {
        unsigned count;
        char text[8][LINE_MAX_BYTES];
};

static void collect(void *context, char *line)
{
        struct collected *collected = context;
        snprintf(collected->text[collected->count++ % 8], LINE_MAX_BYTES, "%s", line);
}

START_TEST(lines_come_whole_however_the_stream_is_cut)
{
        static const char stream[] = "one\r\n\ntwo \rx\nrest";
        for (size_t step = 1; step < sizeof stream; step++) {
                struct line_reader reader = {.used = 0};
                struct collected collected = {.count = 0};
                for (size_t i = 0; i < sizeof stream - 1; i += step) {
                        size_t left = sizeof stream - 1 - i;
                        line_feed(&reader, stream + i, left < step ? left : step, collect,
                                  &collected);
                }
                ck_assert_uint_eq(collected.count, 3);
                ck_assert_str_eq(collected.text[0], "one");
                ck_assert_str_eq(collected.text[1], "");
                ck_assert_str_eq(collected.text[2], "two \rx");
        }
}
END_TEST

START_TEST(a_line_without_end_is_cut_once)
{
        struct line_reader reader = {.used = 0};
        struct collected collected = {.count = 0};
        for (unsigned i = 0; i < 3 * LINE_MAX_BYTES; i++)
                line_feed(&reader, "x", 1, collect, &collected);
        line_feed(&reader, "\nnext\n", 6, collect, &collected);
        ck_assert_uint_eq(collected.count, 2);
        ck_assert_uint_eq(strlen(collected.text[0]), LINE_MAX_BYTES - 1);
        ck_assert_str_eq(collected.text[1], "next");
}
END_TEST

START_TEST(tail_keeps_the_last_lines_printable)
{
        struct tail tail = {.count = 0};
        char line[300];
        for (unsigned i = 0; i < TAIL_LINES + 3; i++) {
                snprintf(line, sizeof line, "line %u\x1b[2J", i);
                tail_add(&tail, line);
        }
        ck_assert_uint_eq(tail_count(&tail), TAIL_LINES);
        ck_assert_str_eq(tail_line(&tail, 0), "line 3\\x1b[2J");
        ck_assert_str_eq(tail_line(&tail, TAIL_LINES - 1), "line 14\\x1b[2J");
        memset(line, 'y', sizeof line - 1);
        line[sizeof line - 1] = 0;
        tail_add(&tail, line);
        ck_assert_uint_eq(strlen(tail_line(&tail, TAIL_LINES - 1)), TAIL_WIDTH - VISIBLE_MOST);
}
END_TEST

/* Parses a stream and gives its output; *status is that of the first answer, or BATCH_MORE, and
 * *taken the bytes up to its end. */
static void parse(const char *stream, size_t length, char *output, int *status, size_t *taken)
{
        struct batch_parser parser = {.held = 0};
        char known[BATCH_HELD];
        size_t used = 0, count;
        *status = BATCH_MORE;
        for (*taken = 0; *taken < length && *status == BATCH_MORE;) {
                *status = batch_parse(&parser, stream[(*taken)++], known, &count);
                memcpy(output + used, known, count);
                used += count;
        }
        output[used] = 0;
}

static const struct {
        const char *stream, *output;
        int status;
} answers[] = {
    {"\x1e"
     "0\n",
     "", 0},
    {"hello\n\x1e"
     "3\n",
     "hello\n", 3},
    {"no newline\x1e"
     "127\n",
     "no newline", 127},
    {"a\x1e\x1e"
     "0\nb\x1e"
     "1\n",
     "a\x1e"
     "0\nb",
     1}, /* a doubled mark is output */
    {"a\x1e"
     "b\x1e"
     "2\n",
     "a\x1e"
     "b",
     2}, /* a mark without a number, too */
    {"\x1e"
     "12x\x1e"
     "0\n",
     "\x1e"
     "12x",
     0},
    {"\x1e"
     "1234\n\x1e"
     "0\n",
     "\x1e"
     "1234\n",
     0}, /* no status has four digits */
    {"half an answer\x1e"
     "1\x1e\n",
     "half an answer\x1e"
     "1",
     BATCH_ANEW}, /* a shell has started in the middle of another's answer */
    {"half\x1e\n", "half", BATCH_ANEW},
    {"a\x1e\x1e\n\x1e"
     "0\n",
     "a\x1e\n", 0},
    {"\x1e"
     "1\x1e"
     "0\n",
     "\x1e"
     "1",
     0}, /* a mark ends what was held */
    {"output without end", "output without end", BATCH_MORE},
};

START_TEST(answers_end_with_mark_and_status)
{
        char output[128];
        int status;
        size_t taken;
        parse(answers[_i].stream, strlen(answers[_i].stream), output, &status, &taken);
        ck_assert_str_eq(output, answers[_i].output);
        ck_assert_int_eq(status, answers[_i].status);
        ck_assert_uint_eq(taken, strlen(answers[_i].stream));
}
END_TEST

/* Through another shell a command is one word, whatever stands in it. */
START_TEST(a_command_goes_through_another_node_as_it_is)
{
        static char command[BATCH_LINE_MAX + 1], line[BATCH_LINE_MAX + 1];
        static const char *const lines[][2] = {
            {"nodes", "on n3 'nodes'"},
            {"", "on n3 ''"},
            {"cat \"a b\" | x &", "on n3 'cat \"a b\" | x &'"},
            {"write /fs/a 'it'", "on n3 'write /fs/a '\\''it'\\'''"},
        };
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
                ck_assert(batch_line_through(3, lines[i][0], line));
                ck_assert_str_eq(line, lines[i][1]);
        }
        memset(command, '\'', BATCH_LINE_MAX);
        ck_assert(!batch_line_through(3, command, line));
        command[BATCH_LINE_MAX / 4 - 4] = 0;
        ck_assert(batch_line_through(16, command, line));
        ck_assert_uint_lt(strlen(line), sizeof line);
        ck_assert(!batch_line_through(16, memset(command, 'x', BATCH_LINE_MAX), line));
}
END_TEST

START_TEST(leaving_is_found_however_the_stream_is_cut)
{
        static const char stream[] = "bye \x1e"
                                     "ex \x1e\x1e"
                                     "exit\r\nafter";
        for (size_t step = 1; step < sizeof stream; step++) {
                struct leaving leaving = {.matched = 0};
                char output[64] = "";
                size_t used = 0;
                bool left = false;
                for (size_t i = 0; i < sizeof stream - 1 && !left; i += step) {
                        size_t rest = sizeof stream - 1 - i;
                        used += leaving_filter(&leaving, stream + i, rest < step ? rest : step,
                                               output + used, &left);
                }
                output[used] = 0;
                ck_assert(left);
                ck_assert_str_eq(output, "bye \x1e"
                                         "ex \x1e");
        }
}
END_TEST

START_TEST(screens_are_read_without_empty_lines)
{
        unsigned char cells[SCREEN_BYTES] = {0};
        struct tail tail = {.count = 0};
        memcpy(cells + 2 * SCREEN_COLUMNS * 3, "o\x07k\x07", 4);
        cells[SCREEN_BYTES - 2] = 0xff;
        screen_lines(cells, &tail);
        ck_assert_uint_eq(tail_count(&tail), 1);
        ck_assert_str_eq(tail_line(&tail, 0), "ok");
}
END_TEST

Suite *stream_suite(void)
{
        Suite *suite = suite_create("streams");
        TCase *tests = tcase_create("streams");
        tcase_add_test(tests, lines_come_whole_however_the_stream_is_cut);
        tcase_add_test(tests, a_line_without_end_is_cut_once);
        tcase_add_test(tests, tail_keeps_the_last_lines_printable);
        tcase_add_loop_test(tests, answers_end_with_mark_and_status, 0,
                            sizeof answers / sizeof *answers);
        tcase_add_test(tests, a_command_goes_through_another_node_as_it_is);
        tcase_add_test(tests, leaving_is_found_however_the_stream_is_cut);
        tcase_add_test(tests, screens_are_read_without_empty_lines);
        suite_add_tcase(suite, tests);
        return suite;
}
