/* Signals by their names. */
#include "tests/unit/shell/test_shell.h"

#include <signal.h>
#include "servers/shell/signals.h"

START_TEST(a_signal_has_a_name_and_a_number)
{
        ck_assert_uint_eq(signal_parse("TERM"), SIGTERM);
        ck_assert_uint_eq(signal_parse("SIGTSTP"), SIGTSTP);
        ck_assert_uint_eq(signal_parse("9"), SIGKILL);
        ck_assert_uint_eq(signal_parse("64"), 64);
}
END_TEST

START_TEST(what_is_none_is_zero)
{
        static const char *const none[] = {
            "", "SIG", "0", "65", "term", "TERM ", "-9", "9x", "09", " 9", "99999999999999999999"};
        for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
                ck_assert_uint_eq(signal_parse(none[i]), 0);
}
END_TEST

Suite *signals_suite(void)
{
        Suite *suite = suite_create("signals");
        TCase *tests = tcase_create("signals");
        tcase_add_test(tests, a_signal_has_a_name_and_a_number);
        tcase_add_test(tests, what_is_none_is_zero);
        suite_add_tcase(suite, tests);
        return suite;
}
