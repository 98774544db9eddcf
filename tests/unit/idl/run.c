#include "tests/unit/idl/suites.h"

#include <stdlib.h>

int main(void)
{
        Suite *suite = suite_create("idl");
        suite_add_tcase(suite, parse_tests());
        suite_add_tcase(suite, stub_tests());
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
