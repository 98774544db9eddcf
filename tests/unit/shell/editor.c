/* The line editor against a small terminal: what is typed, moved, erased, recalled and refused. */
#include "tests/unit/shell/editing.h"

#include "servers/shell/words.h"

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
        ck_assert_str_eq(terminal_row(), shown);
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

Suite *editor_suite(void)
{
        Suite *suite = suite_create("shell/editor");
        TCase *tcase = tcase_create("editor");
        tcase_add_checked_fixture(tcase, editing_start, editing_end);
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
        tcase_add_test(tcase, pastes_are_marked_while_a_line_is_edited);
        suite_add_tcase(suite, tcase);
        return suite;
}
