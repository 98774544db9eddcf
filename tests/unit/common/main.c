/* Runs the tests of the common code. */
#include "tests/unit/common/suites.h"
#include "tests/unit/suites.h"

int main(void)
{
        Suite *suite = suite_create("common");
        suite_add_tcase(suite, bytes_tests());
        suite_add_tcase(suite, elf_tests());
        suite_add_tcase(suite, name_tests());
        suite_add_tcase(suite, remote_tests());
        return suites_run(suite, NULL);
}
