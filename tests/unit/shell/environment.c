/* Variables: the latest value counts, and what does not fit or is no assignment changes nothing. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/environment.h"

static const char *wrong;

START_TEST(a_variable_has_its_latest_value)
{
        ck_assert_str_eq(environment_get("PATH"), "/fs/bin:/fs");
        ck_assert(environment_set("A=1", &wrong));
        ck_assert(environment_set("AB=2", &wrong));
        ck_assert(environment_set("A=longer than before", &wrong));
        ck_assert_str_eq(environment_get("A"), "longer than before");
        ck_assert_str_eq(environment_get("AB"), "2");
        ck_assert(environment_set("A=", &wrong));
        ck_assert_str_eq(environment_get("A"), "");
        ck_assert_str_eq(environment_get("HOME"), "/fs");
        ck_assert_ptr_null(environment_get("B"));
        ck_assert_ptr_null(environment_get("PAT"));
}
END_TEST

START_TEST(what_is_no_assignment_changes_nothing)
{
        static const char *const none[] = {"", "=", "A", "1=2", "A-B=1", " A=1"};
        size_t before, after;
        environment_all(&before);
        for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
                ck_assert(!environment_set(none[i], &wrong));
        environment_all(&after);
        ck_assert_uint_eq(before, after);
}
END_TEST

START_TEST(there_is_room_for_so_much)
{
        static char large[ENVIRONMENT_BYTES + 1];
        size_t used;
        environment_all(&used);
        memset(large, 'x', ENVIRONMENT_BYTES - used - 1);
        large[1] = '=';
        ck_assert(environment_set(large, &wrong));
        environment_all(&used);
        ck_assert_uint_eq(used, ENVIRONMENT_BYTES);
        ck_assert(!environment_set("B=", &wrong));
        ck_assert(environment_set("x=", &wrong));
        ck_assert(environment_set("B=", &wrong));
}
END_TEST

Suite *environment_suite(void)
{
        Suite *suite = suite_create("environment");
        TCase *tests = tcase_create("environment");
        tcase_add_test(tests, a_variable_has_its_latest_value);
        tcase_add_test(tests, what_is_no_assignment_changes_nothing);
        tcase_add_test(tests, there_is_room_for_so_much);
        suite_add_tcase(suite, tests);
        return suite;
}
