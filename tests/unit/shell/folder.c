/* The current folder: what paths mean in it, and where `..` leads. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/folder.h"

static char full[FS_PATH_MAX];

static const char *path(const char *given)
{
        ck_assert(folder_path(given, full));
        return full;
}

static const char *normal(const char *given)
{
        ck_assert(folder_normal(given, full));
        return full;
}

START_TEST(a_path_with_a_slash_in_front_is_what_it_is)
{
        folder_change("/fs/sub");
        ck_assert_str_eq(path("/"), "/");
        ck_assert_str_eq(path("//n2/fs/../a/"), "//n2/fs/../a/");
        ck_assert_str_eq(path(""), "");
}
END_TEST

START_TEST(other_paths_begin_at_the_current_folder)
{
        folder_change("/fs/sub");
        ck_assert_str_eq(path("a"), "/fs/sub/a");
        ck_assert_str_eq(path("a/"), "/fs/sub/a/");
        ck_assert_str_eq(path("."), "/fs/sub");
        ck_assert_str_eq(path("./a"), "/fs/sub/a");
        ck_assert_str_eq(path(".."), "/fs");
        ck_assert_str_eq(path("../.././n2//fs"), "/n2//fs");
        ck_assert_str_eq(path("../../../.."), "/");
        ck_assert_str_eq(path(".a/..b"), "/fs/sub/.a/..b");
        /* What a link's parent is, the file server knows. */
        ck_assert_str_eq(path("link/../a"), "/fs/sub/link/../a");
        folder_change("/");
        ck_assert_str_eq(path("fs/a"), "/fs/a");
        ck_assert_str_eq(path("."), "/");
        ck_assert_str_eq(path("../x"), "/x");
}
END_TEST

START_TEST(a_folder_to_go_to_has_no_dots)
{
        folder_change("/fs/sub");
        ck_assert_str_eq(normal("a/../b/./c//"), "/fs/sub/b/c");
        ck_assert_str_eq(normal("/n2/fs/a/.."), "/n2/fs");
        ck_assert_str_eq(normal("/../.."), "/");
        ck_assert_str_eq(normal("..//.."), "/");
        ck_assert_str_eq(normal("..."), "/fs/sub/...");
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
        static char name[FS_PATH_MAX + 1];
        memset(name, 'x', FS_PATH_MAX);
        folder_change("/fs");
        ck_assert(!folder_path(name, full));
        ck_assert(!folder_normal(name, full));
        name[FS_PATH_MAX - sizeof "/fs/"] = 0;
        ck_assert_uint_eq(strlen(path(name)), FS_PATH_MAX - 1);
        ck_assert_uint_eq(strlen(normal(name)), FS_PATH_MAX - 1);
        name[0] = '/';
        name[FS_PATH_MAX - sizeof "/fs/"] = 'x';
        ck_assert(!folder_path(name, full));
}
END_TEST

Suite *folder_suite(void)
{
        Suite *suite = suite_create("folder");
        TCase *tests = tcase_create("folder");
        tcase_add_test(tests, a_path_with_a_slash_in_front_is_what_it_is);
        tcase_add_test(tests, other_paths_begin_at_the_current_folder);
        tcase_add_test(tests, a_folder_to_go_to_has_no_dots);
        tcase_add_test(tests, what_is_too_long_is_refused);
        suite_add_tcase(suite, tests);
        return suite;
}
