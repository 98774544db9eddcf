/* Runs the test cases of idl. */
#include "tests/unit/idl/suites.h"

#include "tests/unit/suites.h"

int main(void)
{
        Suite *suite = suite_create("idl");
        suite_add_tcase(suite, parse_tests());
        suite_add_tcase(suite, stub_tests());
        suite_add_tcase(suite, value_tests());
        suite_add_tcase(suite, evolution_tests());
        return suites_run(suite, NULL);
}
