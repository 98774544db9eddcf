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
        ck_assert_int_eq(completion.of, COMPLETION_COMMAND);
        offer("nodes", ' ');
        offer("names", ' ');
        ck_assert_str_eq(typed(), "des ");
}
END_TEST

static void is(const char *line, enum completion_of of, const char *begun)
{
        ck_assert_msg(begin(line), "%s", line);
        ck_assert_msg(completion.of == of, "%s: %d", line, completion.of);
        ck_assert_str_eq(completion.begun, begun);
}

START_TEST(a_word_is_what_its_place_says)
{
        is("", COMPLETION_COMMAND, "");
        is("  r", COMPLETION_COMMAND, "r");
        is("run busybox cat | ", COMPLETION_PROGRAM, "");
        is("busybox cat |so", COMPLETION_PROGRAM, "so");
        is("busybox cat | so a", COMPLETION_PATH, "a");
        is("run ", COMPLETION_PROGRAM, "");
        is("run -", COMPLETION_PROGRAM, "-");
        is("run -n ", COMPLETION_NODE, "");
        is("run -m 16M -n n", COMPLETION_NODE, "n");
        is("run -m 1", COMPLETION_PATH, "1");
        is("run -n n2 bu", COMPLETION_PROGRAM, "bu");
        is("run -n n2 busybox -n x", COMPLETION_PATH, "x");
        is("busybox cat | run -n n", COMPLETION_NODE, "n");
        is("busybox cat -n n", COMPLETION_PATH, "n");
        is("on n", COMPLETION_NODE, "n");
        is("on n2 n", COMPLETION_PATH, "n");
        is("run <a bu", COMPLETION_PROGRAM, "bu");
        is("busybox cat >>ou", COMPLETION_PATH, "ou");
        is("cat '|' x", COMPLETION_PATH, "x");
}
END_TEST

START_TEST(a_name_of_two_folders_is_one)
{
        ck_assert(begin("run bu"));
        offer("busybox", ' ');
        offer("busybox", ' ');
        ck_assert_str_eq(typed(), "sybox ");
}
END_TEST

START_TEST(a_path_is_a_folder_and_a_beginning)
{
        ck_assert(begin("cat /fs/sub\\ folder/fi"));
        ck_assert(completion.of == COMPLETION_PATH);
        ck_assert_str_eq(completion.folder, "/fs/sub folder/");
        ck_assert_str_eq(completion.begun, "fi");
        ck_assert(begin("/fs/bin/b"));
        ck_assert(completion.of == COMPLETION_PATH);
        ck_assert(begin("ls /"));
        ck_assert_str_eq(completion.folder, "/");
        /* From the current folder on. */
        ck_assert(begin("cat no"));
        ck_assert(completion.of == COMPLETION_PATH);
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
        tcase_add_test(tests, a_word_is_what_its_place_says);
        tcase_add_test(tests, a_name_of_two_folders_is_one);
        tcase_add_test(tests, a_path_is_a_folder_and_a_beginning);
        tcase_add_test(tests, names_that_differ_are_typed_as_far_as_they_do_not);
        tcase_add_test(tests, what_the_shell_would_read_otherwise_is_quoted);
        suite_add_tcase(suite, tests);
        return suite;
}
