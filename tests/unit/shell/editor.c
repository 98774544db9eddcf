/* The line editor against a small terminal: what is on its row after each key is what the user
 * sees. */
#include "tests/unit/shell/test_shell.h"

#include <stdlib.h>
#include "servers/shell/editor.h"
#include "servers/shell/utf8.h"

enum { COLUMNS = 24, ROWS_LOG = 4096 };

/* One row of cells; a newline moves what was there to `log`. */
struct terminal {
        char cells[COLUMNS][8];
        size_t column;
        char log[ROWS_LOG];
        char sequence[16]; /* after ESC, until its final byte */
        size_t sequence_length;
        bool in_sequence;
        char character[5];
        size_t character_length, character_wanted;
};

static struct terminal terminal;
static struct editor editor;
static struct history history;

static const char *row(void)
{
        static char text[COLUMNS * 8];
        size_t last = 0;
        text[0] = 0;
        for (size_t i = 0; i < COLUMNS; i++)
                last = terminal.cells[i][0] ? i + 1 : last;
        for (size_t i = 0; i < last; i++)
                strcat(text, terminal.cells[i][0] ? terminal.cells[i] : " ");
        while (text[0] && text[strlen(text) - 1] == ' ')
                text[strlen(text) - 1] = 0;
        return text;
}

static void row_end(void)
{
        strcat(strcat(terminal.log, row()), "\n");
        memset(terminal.cells, 0, sizeof terminal.cells);
}

static void sequence_done(char final)
{
        int number = atoi(terminal.sequence + 1);
        if (final == 'K')
                memset(terminal.cells[terminal.column], 0,
                       sizeof terminal.cells[0] * (COLUMNS - terminal.column));
        else if (final == 'C')
                terminal.column += (size_t)number;
        else if (final == 'H')
                terminal.column = 0;
        else if (final == 'J')
                memset(terminal.cells, 0, sizeof terminal.cells);
        else
                ck_abort_msg("the terminal does not know ESC %s", terminal.sequence);
        ck_assert_uint_lt(terminal.column, COLUMNS);
}

static void character_draw(void)
{
        uint32_t code;
        utf8_next(terminal.character, terminal.character_length, &code);
        int width = utf8_width(code);
        if (width == 0) {
                ck_assert_uint_gt(terminal.column, 0);
                char *cell = terminal.cells[terminal.column - 1];
                size_t used = strlen(cell);
                snprintf(cell + used, sizeof terminal.cells[0] - used, "%s", terminal.character);
                return;
        }
        /* Beyond the last column a terminal would wrap: the editor must never get there. */
        ck_assert_uint_lt(terminal.column, COLUMNS - 1);
        strcpy(terminal.cells[terminal.column++], terminal.character);
        if (width == 2)
                strcpy(terminal.cells[terminal.column++], "\x01");
}

static void terminal_take(char byte)
{
        if (terminal.in_sequence) {
                terminal.sequence[terminal.sequence_length++] = byte;
                terminal.sequence[terminal.sequence_length] = 0;
                if (byte >= 0x40 && byte != '[') {
                        terminal.in_sequence = false;
                        sequence_done(byte);
                }
                return;
        }
        if (byte == 0x1b) {
                terminal.in_sequence = true;
                terminal.sequence_length = 0;
        } else if (byte == '\r') {
                terminal.column = 0;
        } else if (byte == '\n') {
                row_end();
        } else if (byte == '\b') {
                ck_assert_uint_gt(terminal.column, 0);
                terminal.column--;
        } else if (byte != '\a') {
                if (terminal.character_wanted == 0)
                        terminal.character_wanted = utf8_announced((unsigned char)byte);
                terminal.character[terminal.character_length++] = byte;
                if (terminal.character_length < terminal.character_wanted)
                        return;
                terminal.character[terminal.character_length] = 0;
                character_draw();
                terminal.character_length = terminal.character_wanted = 0;
        }
}

static void terminal_write(void *context, const char *bytes, size_t length)
{
        (void)context;
        for (size_t i = 0; i < length; i++)
                terminal_take(bytes[i]);
}

static void setup(void)
{
        memset(&terminal, 0, sizeof terminal);
        memset(&history, 0, sizeof history);
        editor = (struct editor){
            .prompt = "n1> ", .columns = COLUMNS, .write = terminal_write, .history = &history};
        editor_start(&editor);
}

static void teardown(void)
{
        while (history.count > 0)
                free(history.lines[--history.count]);
}

/* Types bytes; each must leave the line unfinished. */
static void type(const char *bytes)
{
        for (; *bytes; bytes++)
                ck_assert_int_eq(editor_take(&editor, *bytes), EDITOR_MORE);
}

static void enter(const char *line)
{
        type(line);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        editor_start(&editor);
}

/* The row without the double cells' marks, then the line, then the cursor's column. */
static void see(const char *expected_row, const char *line, size_t column)
{
        char shown[256];
        size_t used = 0;
        for (const char *c = row(); *c; c++) {
                if (*c != 1)
                        shown[used++] = *c;
        }
        shown[used] = 0;
        ck_assert_str_eq(shown, expected_row);
        ck_assert_uint_eq(editor.length, strlen(line));
        ck_assert_mem_eq(editor.line, line, editor.length);
        ck_assert_uint_eq(terminal.column, column);
}

#define LEFT  "\x1b[D"
#define RIGHT "\x1b[C"
#define UP    "\x1b[A"
#define DOWN  "\x1b[B"

START_TEST(what_is_typed_is_shown)
{
        see("n1>", "", 4);
        type("ls /fs");
        see("n1> ls /fs", "ls /fs", 10);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        ck_assert_str_eq(terminal.log, "n1> ls /fs\n");
}
END_TEST

START_TEST(typing_at_the_end_writes_no_sequence)
{
        memset(&terminal, 0, sizeof terminal);
        terminal.column = 4;
        type("plain\x7f\x7f");
        ck_assert_uint_eq(terminal.sequence_length, 0);
}
END_TEST

START_TEST(the_cursor_moves_and_text_goes_in_there)
{
        type("ac" LEFT "b");
        see("n1> abc", "abc", 6);
        type("\x01"
             "x");
        see("n1> xabc", "xabc", 5);
        type("\x05y");
        see("n1> xabcy", "xabcy", 9);
        type("\x1b[H<\x1b[F>\x1bOH[\x1bOF]\x1b[1~(\x1b[4~)");
        see("n1> ([<xabcy>])", "([<xabcy>])", 15);
        type(RIGHT RIGHT "\x1b[H" LEFT);
        see("n1> ([<xabcy>])", "([<xabcy>])", 4);
}
END_TEST

START_TEST(erasing_takes_whole_characters)
{
        type("a\xc3\xbc\xe6\x97\xa5u\xcc\x88");
        see("n1> aü日u\xcc\x88", "aü日u\xcc\x88", 9);
        type("\x7f");
        see("n1> aü日", "aü日", 8);
        type("\x08");
        see("n1> aü", "aü", 6);
        type(LEFT "\x1b[3~");
        see("n1> a", "a", 5);
        type("\x7f\x7f\x7f");
        see("n1>", "", 4);
}
END_TEST

START_TEST(control_keys_erase_and_clear)
{
        type("cat /fs/one /fs/two");
        type("\x17");
        see("n1> cat /fs/one", "cat /fs/one ", 16);
        type("\x17");
        see("n1> cat", "cat ", 8);
        type("abc" LEFT LEFT "\x0b");
        see("n1> cat a", "cat a", 9);
        type(LEFT LEFT "\x15");
        see("n1>  a", " a", 4);
        type("\x0c");
        see("n1>  a", " a", 4);
        type(LEFT "\x04\x04");
        see("n1>", "", 4);
        ck_assert_int_eq(editor_take(&editor, 4), EDITOR_CLOSED);
}
END_TEST

START_TEST(a_long_line_scrolls_sideways)
{
        type("abcdefghijklmnopqrstuvwxyz");
        see("n1> hijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", 23);
        type("\x01");
        see("n1> abcdefghijklmnopqrs", "abcdefghijklmnopqrstuvwxyz", 4);
        type("\x05\xe6\x97\xa5");
        see("n1> jklmnopqrstuvwxyz日", "abcdefghijklmnopqrstuvwxyz日", 23);
}
END_TEST

START_TEST(history_goes_up_and_down_and_keeps_the_draft)
{
        enter("one");
        enter("two");
        enter("two");
        enter("  ");
        type("dra" UP);
        see("n1> two", "two", 7);
        type(UP UP UP);
        see("n1> one", "one", 7);
        type(DOWN);
        see("n1> two", "two", 7);
        type(DOWN DOWN);
        see("n1> dra", "dra", 7);
        type("\x10\x10\x0e");
        see("n1> two", "two", 7);
        type("!");
        ck_assert_int_eq(editor_take(&editor, '\n'), EDITOR_LINE);
        ck_assert_str_eq(history_line(&history, 1), "two!");
        ck_assert_str_eq(history_line(&history, 2), "two");
}
END_TEST

START_TEST(history_is_bounded)
{
        char line[16];
        for (int i = 0; i < HISTORY_LINES + 10; i++) {
                snprintf(line, sizeof line, "line %d", i);
                history_add(&history, line, strlen(line));
        }
        ck_assert_str_eq(history_line(&history, 1), "line 109");
        ck_assert_str_eq(history_line(&history, HISTORY_LINES), "line 10");
        ck_assert_ptr_null(history_line(&history, HISTORY_LINES + 1));
}
END_TEST

START_TEST(control_c_drops_the_line)
{
        type("half");
        ck_assert_int_eq(editor_take(&editor, 3), EDITOR_CANCELLED);
        ck_assert_str_eq(terminal.log, "n1> half^C\n");
        editor_start(&editor);
        see("n1>", "", 4);
        ck_assert_ptr_null(history_line(&history, 1));
}
END_TEST

START_TEST(return_and_newline_together_are_one_enter)
{
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        ck_assert_int_eq(editor_take(&editor, '\n'), EDITOR_MORE);
        ck_assert_int_eq(editor_take(&editor, '\n'), EDITOR_LINE);
}
END_TEST

START_TEST(unknown_sequences_and_paste_brackets_type_nothing)
{
        type("\x1b[200~pasted\x1b[201~");
        see("n1> pasted", "pasted", 10);
        type("\x1b[15~\x1b[1;5P\x1bOP\x1bq\x1b[?25h\x1b\x1b[Z\t\x1f");
        see("n1> pasted", "pasted", 10);
}
END_TEST

START_TEST(broken_characters_are_dropped)
{
        type("a\xff\xc3"
             "b\x80\xe6\x97"
             "c\xc2\x9b"
             "d");
        see("n1> abcd", "abcd", 8);
}
END_TEST

START_TEST(other_output_goes_above_the_line)
{
        type("half a li" LEFT);
        editor_hide(&editor);
        terminal_write(NULL, "[1] done\r\n", 10);
        editor_show(&editor);
        see("n1> half a li", "half a li", 12);
        ck_assert_str_eq(terminal.log, "[1] done\n");
}
END_TEST

START_TEST(a_line_is_bounded)
{
        for (int i = 0; i < SHELL_LINE_MAX + 50; i++)
                type("x");
        ck_assert_uint_eq(editor.length, SHELL_LINE_MAX);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        editor_start(&editor);
        type(UP);
        ck_assert_uint_eq(editor.length, SHELL_LINE_MAX);
}
END_TEST

START_TEST(random_keys_keep_the_invariants)
{
        static const char *const pieces[] = {"a",    "ü",  "日",   "u\xcc\x88", LEFT,    RIGHT,
                                             UP,     DOWN, "\x7f", "\x1b[3~",   "\x01",  "\x05",
                                             "\x17", " ",  "\x0b", "\xff",      "\x1b[H"};
        srand(1);
        for (int i = 0; i < 20000; i++) {
                type(pieces[(size_t)rand() % (sizeof pieces / sizeof pieces[0])]);
                ck_assert_uint_le(editor.cursor, editor.length);
                ck_assert_uint_le(editor.shown_from, editor.cursor);
                if (rand() % 50 == 0) {
                        terminal.log[0] = 0;
                        enter("");
                }
        }
}
END_TEST

Suite *editor_suite(void)
{
        Suite *suite = suite_create("shell/editor");
        TCase *tcase = tcase_create("editor");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, what_is_typed_is_shown);
        tcase_add_test(tcase, typing_at_the_end_writes_no_sequence);
        tcase_add_test(tcase, the_cursor_moves_and_text_goes_in_there);
        tcase_add_test(tcase, erasing_takes_whole_characters);
        tcase_add_test(tcase, control_keys_erase_and_clear);
        tcase_add_test(tcase, a_long_line_scrolls_sideways);
        tcase_add_test(tcase, history_goes_up_and_down_and_keeps_the_draft);
        tcase_add_test(tcase, history_is_bounded);
        tcase_add_test(tcase, control_c_drops_the_line);
        tcase_add_test(tcase, return_and_newline_together_are_one_enter);
        tcase_add_test(tcase, unknown_sequences_and_paste_brackets_type_nothing);
        tcase_add_test(tcase, broken_characters_are_dropped);
        tcase_add_test(tcase, other_output_goes_above_the_line);
        tcase_add_test(tcase, a_line_is_bounded);
        tcase_add_test(tcase, random_keys_keep_the_invariants);
        suite_add_tcase(suite, tcase);
        return suite;
}
