/* Runs the suites of the kernel's machine-independent code. */
#include "tests/unit/kernel/host_tests.h"
#include "tests/unit/suites.h"

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
        return suites_run(tree_suite(), frames_suite(), accounts_suite(), handles_suite(),
                          memory_suite(), spaces_suite(), timers_suite(), sched_suite(),
                          failures_suite(), endings_suite(), assertions_suite(), NULL);
}
