/* Unit tests of ptl's pure parts: what it reads (options, logs, events, answers) and what it writes
 * (boot scripts, command lines). */
#include <check.h>
#include <stdlib.h>

#include "suites.h"

int main(void)
{
        SRunner *runner = srunner_create(options_suite());
        srunner_add_suite(runner, boot_suite());
        srunner_add_suite(runner, stream_suite());
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
