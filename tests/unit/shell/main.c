/* Runs the unit tests of servers/shell. */
#include <stdlib.h>
#include "test_shell.h"

int main(void)
{
        SRunner *runner = srunner_create(words_suite());
        srunner_add_suite(runner, utf8_suite());
        srunner_add_suite(runner, editor_suite());
        srunner_add_suite(runner, fiber_suite());
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
