/* Runs the unit tests of servers/fs. */
#include <stdlib.h>
#include "test_fs.h"

int main(void)
{
        SRunner *runner = srunner_create(content_suite());
        srunner_add_suite(runner, paths_suite());
        srunner_add_suite(runner, changes_suite());
        srunner_add_suite(runner, listing_suite());
        srunner_add_suite(runner, archive_suite());
        srunner_add_suite(runner, opens_suite());
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
