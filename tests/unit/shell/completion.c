/* What Tab types: what all names that fit have in common, as the shell reads it again. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/completion.h"

static struct completion completion;
static char text[64];

static bool begin(const char *line)
{
        return completion_begin(&completion, line, strlen(line));
}

static void offer(const char *name, char end)
{
        completion_offer(&completion, name, strlen(name), end);
}

static const char *typed(void)
{
        text[completion_text(&completion, text, sizeof text - 1)] = 0;
        return text;
}

START_TEST(the_first_word_is_a_command)
{
        ck_assert(begin("no"));
        ck_assert(completion.command);
        offer("nodes", ' ');
        offer("names", ' ');
        ck_assert_str_eq(typed(), "des ");
        ck_assert(begin("run busybox cat | "));
        ck_assert(completion.command);
        ck_assert_str_eq(completion.begun, "");
}
END_TEST

START_TEST(a_path_is_a_folder_and_a_beginning)
{
        ck_assert(begin("cat /fs/sub\\ folder/fi"));
        ck_assert(!completion.command);
        ck_assert_str_eq(completion.folder, "/fs/sub folder/");
        ck_assert_str_eq(completion.begun, "fi");
        ck_assert(begin("/fs/bin/b"));
        ck_assert(!completion.command);
        ck_assert(begin("ls /"));
        ck_assert_str_eq(completion.folder, "/");
        /* From the current folder on. */
        ck_assert(begin("cat no"));
        ck_assert(!completion.command);
        ck_assert_str_eq(completion.folder, "");
        ck_assert_str_eq(completion.begun, "no");
        ck_assert(begin("sub/no"));
        ck_assert_str_eq(completion.folder, "sub/");
        ck_assert(!begin("ls '/fs/a"));
        ck_assert(!begin("ls 'a /fs/b"));
        ck_assert(begin("cat 'a b' \"c\\\" d\" /fs/b"));
        ck_assert(!begin("ls /fs/a\\"));
}
END_TEST

START_TEST(names_that_differ_are_typed_as_far_as_they_do_not)
{
        ck_assert(begin("cat /fs/f"));
        offer("first", ' ');
        offer("fist", ' ');
        offer("other", ' ');
        ck_assert_str_eq(typed(), "i");
        ck_assert_uint_eq(completion.count, 2);
        ck_assert(begin("cat /fs/fi"));
        offer("first", ' ');
        offer("fist", ' ');
        ck_assert_str_eq(typed(), "");
        ck_assert_int_eq(memcmp(completion.names, "first\nfist\n", 11), 0);
        ck_assert(begin("cat /fs/x"));
        offer("x\xc3\xa4", ' ');
        offer("x\xc3\xb6", ' ');
        ck_assert_str_eq(typed(), "");
}
END_TEST

START_TEST(what_the_shell_would_read_otherwise_is_quoted)
{
        ck_assert(begin("ls /fs/a"));
        offer("a b|c", '/');
        ck_assert_str_eq(typed(), "\\ b\\|c/");
        ck_assert(begin("ls /fs/"));
        offer("bad\nname", ' ');
        ck_assert_uint_eq(completion.count, 0);
}
END_TEST

Suite *completion_suite(void)
{
        Suite *suite = suite_create("completion");
        TCase *tests = tcase_create("completion");
        tcase_add_test(tests, the_first_word_is_a_command);
        tcase_add_test(tests, a_path_is_a_folder_and_a_beginning);
        tcase_add_test(tests, names_that_differ_are_typed_as_far_as_they_do_not);
        tcase_add_test(tests, what_the_shell_would_read_otherwise_is_quoted);
        suite_add_tcase(suite, tests);
        return suite;
}
