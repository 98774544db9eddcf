/* The line editor against a small terminal: what is on its row after each key is what the user
 * sees. */
#include "tests/unit/shell/test_shell.h"

#include <stdlib.h>
#include "servers/shell/editor.h"
#include "servers/rt/pure/utf8.h"
#include "servers/shell/words.h"

enum { COLUMNS = 24, COLUMNS_MOST = 200, ROWS_LOG = 16384 };

/* One row of cells; a newline moves what was there to `log`. */
struct terminal {
        size_t columns;
        char cells[COLUMNS_MOST][8];
        size_t column;
        bool asked, marks_pastes;
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
        static char text[COLUMNS_MOST * 8];
        size_t last = 0;
        text[0] = 0;
        for (size_t i = 0; i < terminal.columns; i++)
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
                       sizeof terminal.cells[0] * (terminal.columns - terminal.column));
        else if (final == 'C')
                terminal.column += (size_t)number;
        else if (strcmp(terminal.sequence, "[6n") == 0)
                terminal.asked = true;
        else if (strncmp(terminal.sequence, "[?2004", 6) == 0)
                terminal.marks_pastes = final == 'h';
        else if (final == 'H')
                terminal.column = 0;
        else if (final == 'J')
                memset(terminal.cells, 0, sizeof terminal.cells);
        else
                ck_abort_msg("the terminal does not know ESC %s", terminal.sequence);
        if (terminal.column >= terminal.columns)
                terminal.column = terminal.columns - 1;
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
        ck_assert_uint_lt(terminal.column, terminal.columns - 1);
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
        terminal.columns = COLUMNS;
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
static void type_bytes(const char *bytes, size_t count)
{
        for (size_t i = 0; i < count; i++)
                ck_assert_int_eq(editor_take(&editor, bytes[i]), EDITOR_MORE);
}

static void type(const char *bytes)
{
        type_bytes(bytes, strlen(bytes));
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
        size_t length = 0;
        for (size_t i = 0; i < editor.length; i++)
                length += editor.line[i] != 0;
        ck_assert_uint_eq(length, strlen(line));
        ck_assert_mem_eq(editor.line, line, length);
        ck_assert_uint_eq(terminal.column, column);
}

#define LEFT    "\x1b[D"
#define RIGHT   "\x1b[C"
#define UP      "\x1b[A"
#define DOWN    "\x1b[B"
#define SEARCH  "\x12"
#define ABANDON "\x07"
#define LOST    "\xef\xbf\xbd"

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
        terminal.sequence_length = 0;
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

START_TEST(the_cursor_moves_by_words)
{
        type("one  two\x1b"
             "b<");
        see("n1> one  <two", "one  <two", 10);
        type("\x1b"
             "b\x1b[1;5D[\x1b[1;5C]\x1b"
             "f>\x1b"
             "f");
        see("n1> [one]  <two>", "[one]  <two>", 16);
}
END_TEST

START_TEST(tab_asks_for_what_a_word_can_become)
{
        type("ca");
        ck_assert_int_eq(editor_take(&editor, '\t'), EDITOR_TAB);
        editor_insert(&editor, "t ", 2);
        see("n1> cat", "cat ", 8);
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
        see("n1> lmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", 19);
        type("\x01");
        see("n1> abcdefghijklmnopqrs", "abcdefghijklmnopqrstuvwxyz", 4);
        type("\x05\xe6\x97\xa5");
        see("n1> rstuvwxyz日", "abcdefghijklmnopqrstuvwxyz日", 15);
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

/* ---- searching the history ---- */

static void setup_search(void)
{
        setup();
        terminal.columns = editor.columns = 60;
        enter("cat /fs/a");
        enter("ls /fs");
        enter("cat /fs/b");
        enter("nodes");
        type("draft");
}

START_TEST(a_search_finds_while_the_text_is_typed_and_goes_on)
{
        type(SEARCH);
        see("search '': draft", "draft", 16);
        type("c");
        see("search 'c': cat /fs/b", "cat /fs/b", 21);
        type("at");
        see("search 'cat': cat /fs/b", "cat /fs/b", 23);
        type(SEARCH);
        see("search 'cat': cat /fs/a", "cat /fs/a", 23);
        type(SEARCH); /* there is none that is older */
        see("search 'cat': cat /fs/a", "cat /fs/a", 23);
        type("\x7f\x7f\x7f");
        see("search '': draft", "draft", 16);
        type("s /f");
        see("search 's /f': ls /fs", "ls /fs", 21);
}
END_TEST

START_TEST(enter_runs_what_the_search_has_found)
{
        type(SEARCH "ls");
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        ck_assert_uint_eq(editor.length, 6);
        ck_assert_int_eq(memcmp(editor.line, "ls /fs", 6), 0);
        ck_assert_ptr_nonnull(strstr(terminal.log, "n1> ls /fs\n"));
        editor_start(&editor);
        see("n1>", "", 4);
        type(UP);
        see("n1> ls /fs", "ls /fs", 10);
}
END_TEST

START_TEST(what_no_line_has_is_not_run_and_the_line_comes_back)
{
        type(SEARCH "catx");
        see("no line has 'catx':", "", 20);
        type("\x7f");
        see("search 'cat': cat /fs/b", "cat /fs/b", 23);
        type("xyz");
        type("\r");
        see("n1> draft", "draft", 9);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
}
END_TEST

START_TEST(control_g_and_control_c_put_the_line_back)
{
        type(SEARCH "cat" ABANDON);
        see("n1> draft", "draft", 9);
        type(SEARCH "cat" SEARCH "\x03");
        see("n1> draft", "draft", 9);
        type(UP UP SEARCH "ls" ABANDON);
        see("n1> cat /fs/b", "cat /fs/b", 13);
        type(DOWN DOWN);
        see("n1> draft", "draft", 9);
        type(ABANDON);
        see("n1> draft", "draft", 9);
        ck_assert_int_eq(editor_take(&editor, 3), EDITOR_CANCELLED);
}
END_TEST

START_TEST(other_keys_take_what_was_found_as_the_line)
{
        type(SEARCH "ls" LEFT "x");
        see("n1> ls /fxs", "ls /fxs", 10);
        type(DOWN);
        see("n1> cat /fs/b", "cat /fs/b", 13);
        type(SEARCH "zzz" LEFT);
        see("n1> cat /fs/b", "cat /fs/b", 12);
        type(SEARCH "ls");
        ck_assert_int_eq(editor_take(&editor, '\t'), EDITOR_TAB);
        see("n1> ls /fs", "ls /fs", 10);
}
END_TEST

START_TEST(a_text_with_what_it_cannot_have_finds_nothing)
{
        type(SEARCH "ls\xe2\x80\xae /fs"); /* turns the direction of writing */
        see("no line has 'ls /fs':", "", 22);
        type(ABANDON SEARCH);
        for (int i = 0; i < SEARCH_TEXT + 1; i++)
                type(" ");
        ck_assert(editor.search.none);
        ck_assert_uint_eq(editor.search.length, SEARCH_TEXT);
}
END_TEST

START_TEST(a_loss_during_a_search_refuses_the_line)
{
        type(SEARCH "ls");
        editor_lost(&editor);
        see("n1> ls /fs" LOST, "ls /fs", 11);
        ck_assert_ptr_nonnull(editor_refusal(&editor));
        type("\x15" SEARCH "ls\x0f");
        ck_assert_ptr_nonnull(editor_refusal(&editor));
}
END_TEST

START_TEST(another_size_draws_the_search_anew)
{
        type(SEARCH "ls\x1b[8;24;40t");
        see("search 'ls': ls /fs", "ls /fs", 19);
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
        type("\x1b[15~\x1b[1;5P\x1bOP\x1b[?25h\x1b\x1b[Z");
        see("n1> pasted", "pasted", 10);
        ck_assert_ptr_null(editor_refusal(&editor));
}
END_TEST

/* What is neither a key nor text stands in the line, where it is seen, and refuses it. */
static const struct {
        const char *bytes;
        size_t count;
        const char *row;
        size_t losses;
} unfit[] = {
    {"rm a\xff"
     "b",
     6, "rm a" LOST "b", 1},
    {"rm a\0b", 6, "rm a" LOST "b", 1},
    {"\xc3"
     "b\x80",
     3, LOST "b" LOST, 2},
    {"\xe6\x97"
     "c\xed\xa0\x80",
     6, LOST "c" LOST, 2},
    {"a\x0f"
     "b\x1f\x1d",
     5, "a" LOST "b" LOST LOST, 3},
    {"rm a\x1b-b", 7, "rm a" LOST "b", 1}, /* a key with Alt, or a byte of a paste */
    {"a\x1b[3\x0f", 5, "a" LOST, 1},       /* a sequence that is cut off */
    {"\x1b[200~a\x15\x1b[D\x7f\x1b[15~b\x1b[201~", 24, "a" LOST LOST LOST LOST "b", 4},
};

START_TEST(what_is_no_text_is_seen_and_refuses_the_line)
{
        char shown[64];
        size_t losses = 0;
        type_bytes(unfit[_i].bytes, unfit[_i].count);
        snprintf(shown, sizeof shown, "n1> %s", unfit[_i].row);
        ck_assert_str_eq(row(), shown);
        for (size_t i = 0; i < editor.length; i++)
                losses += !editor.line[i];
        ck_assert_uint_eq(losses, unfit[_i].losses);
        ck_assert_ptr_nonnull(editor_refusal(&editor));
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        ck_assert_ptr_nonnull(editor_refusal(&editor));
        ck_assert_ptr_null(history_line(&history, 1));
}
END_TEST

START_TEST(a_loss_can_be_erased)
{
        type("ab\x0f\x7f");
        see("n1> ab", "ab", 6);
        ck_assert_ptr_null(editor_refusal(&editor));
        type("\x1b[");
        editor_lost(&editor);
        see("n1> ab" LOST, "ab", 7);
        type("A");
        ck_assert_ptr_nonnull(editor_refusal(&editor));
        type("\x15");
        ck_assert_ptr_null(editor_refusal(&editor));
}
END_TEST

START_TEST(text_that_acts_is_taken_and_shown_harmless)
{
        type("a\x1b[200~\t\x1b[201~b\xc2\x9b\xe2\x80\xae"); /* a tab that is pasted */
        see("n1> a b" LOST LOST, "a\tb\xc2\x9b\xe2\x80\xae", 9);
        ck_assert_ptr_null(editor_refusal(&editor));
        type("\x7f\x7f");
        see("n1> a b", "a\tb", 7);
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

static void type_often(char byte, size_t times)
{
        for (size_t i = 0; i < times; i++)
                type_bytes(&byte, 1);
}

START_TEST(the_longest_line_is_taken_and_one_byte_more_refuses_it_whole)
{
        type_often('x', SHELL_LINE_MAX);
        ck_assert_ptr_null(editor_refusal(&editor));
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        editor_start(&editor);
        type_often('y', SHELL_LINE_MAX + 1);
        ck_assert_str_eq(editor_refusal(&editor), LINE_TOO_LONG);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        ck_assert_str_eq(editor_refusal(&editor), LINE_TOO_LONG);
        editor_start(&editor);
        type(UP);
        ck_assert_uint_eq(editor.length, SHELL_LINE_MAX);
        ck_assert_int_eq(editor.line[0], 'x');
        ck_assert_ptr_null(editor_refusal(&editor));
}
END_TEST

START_TEST(a_line_that_was_cut_stays_so_until_it_is_empty)
{
        enter("short");
        type_often('x', SHELL_LINE_MAX + 1);
        type("\x7f\x7f");
        ck_assert_str_eq(editor_refusal(&editor), LINE_TOO_LONG);
        type(UP);
        ck_assert_ptr_null(editor_refusal(&editor));
        type(DOWN);
        ck_assert_str_eq(editor_refusal(&editor), LINE_TOO_LONG);
        type("\x15");
        ck_assert_ptr_null(editor_refusal(&editor));
}
END_TEST

START_TEST(a_lossy_line_without_room_is_refused)
{
        type_often('x', SHELL_LINE_MAX);
        editor_lost(&editor);
        ck_assert_ptr_nonnull(editor_refusal(&editor));
}
END_TEST

/* ---- how wide the terminal is ---- */

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

START_TEST(pastes_are_marked_while_a_line_is_edited)
{
        ck_assert(terminal.marks_pastes);
        ck_assert_int_eq(editor_take(&editor, '\r'), EDITOR_LINE);
        ck_assert(!terminal.marks_pastes);
        /* Ctrl-C ends a paste whose end was lost. */
        editor_start(&editor);
        type("\x1b[200~abc");
        ck_assert_int_eq(editor_take(&editor, 3), EDITOR_CANCELLED);
        editor_start(&editor);
        type("a\x7f");
        see("n1>", "", 4);
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

Suite *editor_suite(void)
{
        Suite *suite = suite_create("shell/editor");
        TCase *tcase = tcase_create("editor");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, what_is_typed_is_shown);
        tcase_add_test(tcase, typing_at_the_end_writes_no_sequence);
        tcase_add_test(tcase, the_cursor_moves_and_text_goes_in_there);
        tcase_add_test(tcase, the_cursor_moves_by_words);
        tcase_add_test(tcase, tab_asks_for_what_a_word_can_become);
        tcase_add_test(tcase, erasing_takes_whole_characters);
        tcase_add_test(tcase, control_keys_erase_and_clear);
        tcase_add_test(tcase, a_long_line_scrolls_sideways);
        tcase_add_test(tcase, history_goes_up_and_down_and_keeps_the_draft);
        tcase_add_test(tcase, history_is_bounded);
        tcase_add_test(tcase, control_c_drops_the_line);
        tcase_add_test(tcase, return_and_newline_together_are_one_enter);
        tcase_add_test(tcase, unknown_sequences_and_paste_brackets_type_nothing);
        tcase_add_loop_test(tcase, what_is_no_text_is_seen_and_refuses_the_line, 0,
                            sizeof unfit / sizeof unfit[0]);
        tcase_add_test(tcase, a_loss_can_be_erased);
        tcase_add_test(tcase, text_that_acts_is_taken_and_shown_harmless);
        tcase_add_test(tcase, other_output_goes_above_the_line);
        tcase_add_test(tcase, the_longest_line_is_taken_and_one_byte_more_refuses_it_whole);
        tcase_add_test(tcase, a_line_that_was_cut_stays_so_until_it_is_empty);
        tcase_add_test(tcase, a_lossy_line_without_room_is_refused);
        tcase_add_loop_test(tcase, every_width_edits_right, 0, sizeof widths / sizeof widths[0]);
        tcase_add_loop_test(tcase, a_long_line_is_not_drawn_at_each_key, 0,
                            sizeof widths / sizeof widths[0]);
        tcase_add_loop_test(tcase, a_key_at_the_end_draws_no_row_again, 0,
                            sizeof widths / sizeof widths[0]);
        tcase_add_test(tcase, the_terminal_is_asked_until_its_other_end_says_how_wide_it_is);
        tcase_add_test(tcase, another_size_draws_the_line_anew);
        tcase_add_test(tcase, pastes_are_marked_while_a_line_is_edited);
        tcase_add_test(tcase, random_keys_keep_the_invariants);
        suite_add_tcase(suite, tcase);
        tcase = tcase_create("search");
        tcase_add_checked_fixture(tcase, setup_search, teardown);
        tcase_add_test(tcase, a_search_finds_while_the_text_is_typed_and_goes_on);
        tcase_add_test(tcase, enter_runs_what_the_search_has_found);
        tcase_add_test(tcase, what_no_line_has_is_not_run_and_the_line_comes_back);
        tcase_add_test(tcase, control_g_and_control_c_put_the_line_back);
        tcase_add_test(tcase, other_keys_take_what_was_found_as_the_line);
        tcase_add_test(tcase, a_text_with_what_it_cannot_have_finds_nothing);
        tcase_add_test(tcase, a_loss_during_a_search_refuses_the_line);
        tcase_add_test(tcase, another_size_draws_the_search_anew);
        suite_add_tcase(suite, tcase);
        return suite;
}
