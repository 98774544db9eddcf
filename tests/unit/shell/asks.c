/* A command line may look up what its command is for, and nothing else. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/asks.h"
#include "servers/shell/words.h"

static bool asks(const char *line, const char *name)
{
        static struct words words;
        ck_assert_ptr_null(words_split(line, strlen(line), &words));
        return asks_for(&words, name, strlen(name));
}

START_TEST(a_command_gets_what_it_is_for)
{
        ck_assert(asks("cat /fs/a", "fs"));
        ck_assert(asks("cat /n2/fs/a", "n2/fs"));
        ck_assert(!asks("cat /fs/a", "control"));
        ck_assert(!asks("cat /fs/a", "n2/control"));
        ck_assert(!asks("cat /fs/a", "fs/control"));
        ck_assert(!asks("cat /fs/a", "f"));
        ck_assert(!asks("cat /fs/a", ""));
        ck_assert(asks("ps n2", "n2/proc"));
        ck_assert(asks("ps n2", "n2/process"));
        ck_assert(!asks("ps", "proces"));
        ck_assert(!asks("help", ""));
        ck_assert(asks("call n2/echo echo.say x", "n2/echo"));
}
END_TEST

START_TEST(a_program_gets_what_run_needs)
{
        ck_assert(asks("busybox cat", "./stream"));
        ck_assert(asks("run -n n3 busybox", "n3/process"));
        ck_assert(!asks("busybox", "net"));
}
END_TEST

START_TEST(time_gets_what_the_command_behind_it_is_for)
{
        ck_assert(asks("time time nodes", "./net"));
        ck_assert(!asks("time nodes", "fs"));
        ck_assert(asks("time call x y", "control"));
        ck_assert(!asks("time", "control"));
}
END_TEST

START_TEST(the_shell_does_for_a_line_what_its_command_is_for)
{
        static struct words words;
        ck_assert_ptr_null(words_split("time cd /fs", 11, &words));
        ck_assert(asks_folder(&words) && !asks_programs(&words) && !asks_names(&words));
        ck_assert_ptr_null(words_split("busybox cd", 10, &words));
        ck_assert(!asks_folder(&words) && asks_programs(&words) && !asks_names(&words));
        ck_assert_ptr_null(words_split("names", 5, &words));
        ck_assert(!asks_folder(&words) && !asks_programs(&words) && asks_names(&words));
        ck_assert_ptr_null(words_split("cat names", 9, &words));
        ck_assert(!asks_folder(&words) && !asks_programs(&words) && !asks_names(&words));
}
END_TEST

Suite *asks_suite(void)
{
        Suite *suite = suite_create("asks");
        TCase *tests = tcase_create("asks");
        tcase_add_test(tests, a_command_gets_what_it_is_for);
        tcase_add_test(tests, a_program_gets_what_run_needs);
        tcase_add_test(tests, time_gets_what_the_command_behind_it_is_for);
        tcase_add_test(tests, the_shell_does_for_a_line_what_its_command_is_for);
        suite_add_tcase(suite, tests);
        return suite;
}
