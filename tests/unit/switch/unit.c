/* Runs the unit tests of tools/switch. */
#include <stdlib.h>

#include "cases.h"

int main(void)
{
        Suite *suite = suite_create("switch");
        TCase *(*const cases[])(void) = {
            impairment_case, link_case, tables_case,  fabric_case,  capture_case,
            dhcp_case,       tftp_case, gateway_case, command_case, options_case,
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                suite_add_tcase(suite, cases[i]());
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
