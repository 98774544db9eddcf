/* The startup page, written and read; and read when it is damaged. */
#include "tests/unit/rt/suites.h"

#include <string.h>
#include "servers/rt/start/startup.h"

static struct startup page;

static void setup(void)
{
        memset(&page, 0, sizeof page);
}

START_TEST(handles_are_found_by_name)
{
        ck_assert_int_eq(startup_add_handle(&page, "account", 5), 0);
        ck_assert_int_eq(startup_add_handle(&page, "log", 6), 0);
        ck_assert_uint_eq(startup_handle(&page, "account"), 5);
        ck_assert_uint_eq(startup_handle(&page, "log"), 6);
        ck_assert_uint_eq(startup_handle(&page, "lo"), 0);
        ck_assert_uint_eq(startup_handle(&page, "logs"), 0);
        ck_assert_uint_eq(startup_handle(&page, ""), 0);
}
END_TEST

START_TEST(a_full_page_takes_no_more_handles)
{
        for (int i = 0; i < STARTUP_HANDLES; i++)
                ck_assert_int_eq(startup_add_handle(&page, "x", 1), 0);
        ck_assert_int_eq(startup_add_handle(&page, "y", 2), -1);
        ck_assert_uint_eq(page.handle_count, STARTUP_HANDLES);
}
END_TEST

START_TEST(names_must_fit)
{
        ck_assert_int_eq(startup_add_handle(&page, "12345678901234567890123", 1), 0);
        ck_assert_uint_eq(startup_handle(&page, "12345678901234567890123"), 1);
        ck_assert_int_eq(startup_add_handle(&page, "123456789012345678901234", 1), -1);
        ck_assert_uint_eq(page.handle_count, 1);
}
END_TEST

START_TEST(arguments_come_back_in_order)
{
        ck_assert_int_eq(startup_add_argument(&page, "fs"), 0);
        ck_assert_int_eq(startup_add_argument(&page, ""), 0);
        ck_assert_int_eq(startup_add_argument(&page, "at=/x y"), 0);
        ck_assert_str_eq(startup_argument(&page, 0), "fs");
        ck_assert_str_eq(startup_argument(&page, 1), "");
        ck_assert_str_eq(startup_argument(&page, 2), "at=/x y");
        ck_assert_ptr_null(startup_argument(&page, 3));
}
END_TEST

START_TEST(a_value_is_found_by_its_whole_key)
{
        ck_assert_int_eq(startup_add_argument(&page, "at"), 0);
        ck_assert_int_eq(startup_add_argument(&page, "attic=1"), 0);
        ck_assert_int_eq(startup_add_argument(&page, "at=/x=y"), 0);
        ck_assert_int_eq(startup_add_argument(&page, "at=second"), 0);
        ck_assert_int_eq(startup_add_argument(&page, "none="), 0);
        ck_assert_str_eq(startup_value(&page, "at"), "/x=y");
        ck_assert_str_eq(startup_value(&page, "none"), "");
        ck_assert_ptr_null(startup_value(&page, "a"));
        ck_assert_ptr_null(startup_value(&page, "atlas"));
        ck_assert_ptr_null(startup_value(&page, "at="));
        ck_assert_ptr_null(startup_value(&page, "second"));
}
END_TEST

START_TEST(arguments_must_fit)
{
        char text[STARTUP_ARGUMENT_BYTES + 1];
        memset(text, 'a', sizeof text);
        text[STARTUP_ARGUMENT_BYTES] = 0;
        ck_assert_int_eq(startup_add_argument(&page, text), -1);
        text[STARTUP_ARGUMENT_BYTES - 1] = 0;
        ck_assert_int_eq(startup_add_argument(&page, text), 0);
        ck_assert_int_eq(startup_add_argument(&page, ""), -1);
        ck_assert_str_eq(startup_argument(&page, 0), text);
}
END_TEST

START_TEST(a_damaged_page_is_read_within_its_bounds)
{
        memset(&page, 'a', sizeof page);
        ck_assert_uint_eq(startup_handle(&page, "a"), 0);
        ck_assert_ptr_null(startup_argument(&page, 0));
        ck_assert_ptr_null(startup_argument(&page, 1));
        page.argument_count = UINT32_MAX;
        ck_assert_ptr_null(startup_argument(&page, UINT32_MAX - 1));
        ck_assert_int_eq(startup_add_argument(&page, "b"), -1);
}
END_TEST

TCase *startup_tests(void)
{
        TCase *tests = tcase_create("startup");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, handles_are_found_by_name);
        tcase_add_test(tests, a_full_page_takes_no_more_handles);
        tcase_add_test(tests, names_must_fit);
        tcase_add_test(tests, arguments_come_back_in_order);
        tcase_add_test(tests, a_value_is_found_by_its_whole_key);
        tcase_add_test(tests, arguments_must_fit);
        tcase_add_test(tests, a_damaged_page_is_read_within_its_bounds);
        return tests;
}
