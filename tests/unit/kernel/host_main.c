/* Runs the suites of the kernel's machine-independent code. */
#include "host_tests.h"

Suite *world_suite(const char *name, TCase **tests)
{
        Suite *suite = suite_create(name);
        *tests = tcase_create(name);
        tcase_add_checked_fixture(*tests, world_begin, world_end);
        tcase_set_timeout(*tests, 60);
        suite_add_tcase(suite, *tests);
        return suite;
}

int main(void)
{
        static Suite *(*const suites[])(void) = {
            frames_suite, accounts_suite, handles_suite,  memory_suite,  spaces_suite,
            timers_suite, sched_suite,    failures_suite, endings_suite,
        };
        SRunner *runner = srunner_create(tree_suite());
        for (unsigned i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
                srunner_add_suite(runner, suites[i]());
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
