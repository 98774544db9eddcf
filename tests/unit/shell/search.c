/* Searching the history: what is found while its text is typed, and what each key then does. */
#include "tests/unit/shell/editing.h"

static void setup(void)
{
        editing_start();
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

Suite *search_suite(void)
{
        Suite *suite = suite_create("shell/search");
        TCase *tcase = tcase_create("search");
        tcase_add_checked_fixture(tcase, setup, editing_end);
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
