/* How wide the terminal is: who says so, and that at every width, whatever is typed, the row shows
 * the piece of the line that has the cursor. */
#include "tests/unit/shell/editing.h"

#include <stdlib.h>
#include "servers/rt/pure/utf8.h"

/* The terminal's other end says its size, as ptl does. */
static void told(size_t columns)
{
        char size[32];
        terminal.columns = columns;
        snprintf(size, sizeof size, "\x1b[8;24;%zut", columns);
        type(size);
}

/* What the row shows follows from the line: the prompt, then a piece that has the cursor, and a
 * part of what stands before it. */
static void row_check(void)
{
        const char *line = editor.line;
        const char *text = editor.search.active ? editor.search.prompt : editor.prompt;
        size_t prompt = utf8_columns(text, strlen(text));
        prompt = prompt + 8 < terminal.columns ? prompt : 0;
        size_t room = terminal.columns - prompt - 1, from = editor.shown_from;
        size_t before = utf8_columns(line + from, editor.cursor - from);
        ck_assert_uint_le(from, editor.cursor);
        ck_assert_uint_le(editor.cursor, editor.length);
        ck_assert_uint_le(before, room);
        ck_assert_uint_eq(terminal.column, prompt + before);
        if (from > 0)
                ck_assert_uint_ge(before + 1, room / 4);
}

static const size_t widths[] = {9, 12, 13, 40, 60, 80, 200};

START_TEST(every_width_edits_right)
{
        const char *word = "abcdefghi ";
        told(widths[_i]);
        size_t prompt = widths[_i] > 12 ? 4 : 0;
        for (int i = 0; i < 40; i++) {
                type(word);
                row_check();
        }
        /* Of a scrolled line the last words go, and what stands before them is seen. */
        for (size_t length = editor.length - strlen(word); length > 0; length -= strlen(word)) {
                type("\x17");
                row_check();
                ck_assert_uint_eq(editor.length, length);
                size_t shown = terminal.column - prompt;
                for (size_t i = 1; i <= shown; i++)
                        ck_assert_int_eq(terminal.cells[terminal.column - i][0],
                                         editor.line[length - i]);
        }
}
END_TEST

/* Keys that draw the row again, of so many typed or erased at the end of a line. */
static size_t rows_drawn(char key, size_t times)
{
        size_t drawn = 0;
        for (size_t i = 0; i < times; i++) {
                terminal.sequence_length = 0;
                type_bytes(&key, 1);
                drawn += terminal.sequence_length > 0;
        }
        return drawn;
}

START_TEST(a_long_line_is_not_drawn_at_each_key)
{
        told(widths[_i]);
        size_t most = 4 * 400 / widths[_i] + 1;
        ck_assert_uint_le(rows_drawn('x', 400), most);
        ck_assert_uint_le(rows_drawn('\x7f', 400), most);
        ck_assert_uint_eq(editor.length, 0);
}
END_TEST

START_TEST(a_key_at_the_end_draws_no_row_again)
{
        told(widths[_i]);
        for (size_t i = strlen("n1> ") + 1; i < widths[_i]; i++) {
                terminal.sequence_length = 0;
                type("x");
                ck_assert_uint_eq(terminal.sequence_length, 0);
        }
}
END_TEST

START_TEST(the_terminal_is_asked_until_its_other_end_says_how_wide_it_is)
{
        terminal.columns = 60;
        ck_assert(terminal.asked);
        type_often('x', 10);
        type("\x1b[24;60R");
        ck_assert_uint_eq(editor.columns, 60);
        type_often('x', 60);
        row_check();
        /* Shift and F3 on xterm. */
        type("\x1b[1;2R");
        ck_assert_uint_eq(editor.columns, 60);
        terminal.asked = false;
        enter("");
        ck_assert(terminal.asked);
        told(40);
        terminal.asked = false;
        enter("");
        ck_assert(!terminal.asked);
        type("\x1b[24;60R");
        ck_assert_uint_eq(editor.columns, 40);
        /* There is another end, which does not know. */
        type("\x1b[8;0;0t");
        ck_assert(terminal.asked);
}
END_TEST

START_TEST(another_size_draws_the_line_anew)
{
        type("half a line");
        told(40);
        see("n1> half a line", "half a line", 15);
        memset(terminal.cells, 0, sizeof terminal.cells);
        terminal.column = 0;
        told(40);
        see("n1> half a line", "half a line", 15);
        told(14);
        see("n1> lf a line", "half a line", 13);
        row_check();
}
END_TEST

START_TEST(random_keys_keep_the_invariants)
{
        static const char *const pieces[] = {"a",
                                             "ü",
                                             "日",
                                             "u\xcc\x88",
                                             LEFT,
                                             RIGHT,
                                             UP,
                                             DOWN,
                                             "\x7f",
                                             "\x1b[3~",
                                             "\x01",
                                             "\x05",
                                             "\x17",
                                             " ",
                                             "\x0b",
                                             "\xff",
                                             "\x1b"
                                             "b",
                                             "\x0f",
                                             SEARCH,
                                             ABANDON,
                                             "\x1b[H",
                                             "word word word word ",
                                             "\xc2\x9b",
                                             "\x1b[200~x",
                                             "\x1b[201~"};
        srand(1);
        for (int i = 0; i < 20000; i++) {
                type(pieces[(size_t)rand() % (sizeof pieces / sizeof pieces[0])]);
                row_check();
                if (rand() % 50 == 0) {
                        terminal.log[0] = 0;
                        type(ABANDON);
                        enter("");
                }
                if (rand() % 100 == 0)
                        told(9 + (size_t)rand() % (COLUMNS_MOST - 9));
        }
}
END_TEST

Suite *width_suite(void)
{
        Suite *suite = suite_create("shell/width");
        TCase *tcase = tcase_create("width");
        tcase_add_checked_fixture(tcase, editing_start, editing_end);
        tcase_set_timeout(tcase, 60);
        tcase_add_loop_test(tcase, every_width_edits_right, 0, sizeof widths / sizeof widths[0]);
        tcase_add_loop_test(tcase, a_long_line_is_not_drawn_at_each_key, 0,
                            sizeof widths / sizeof widths[0]);
        tcase_add_loop_test(tcase, a_key_at_the_end_draws_no_row_again, 0,
                            sizeof widths / sizeof widths[0]);
        tcase_add_test(tcase, the_terminal_is_asked_until_its_other_end_says_how_wide_it_is);
        tcase_add_test(tcase, another_size_draws_the_line_anew);
        tcase_add_test(tcase, random_keys_keep_the_invariants);
        suite_add_tcase(suite, tcase);
        return suite;
}
