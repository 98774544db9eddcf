/* Unit tests of netipc/core. */
#include "lab.h"

int main(void)
{
        SRunner *runner = srunner_create(wire_suite());
        srunner_add_suite(runner, received_suite());
        srunner_add_suite(runner, sent_suite());
        srunner_add_suite(runner, session_suite());
        srunner_add_suite(runner, call_suite());
        srunner_add_suite(runner, reference_suite());
        srunner_add_suite(runner, hostile_suite());
        srunner_add_suite(runner, flow_suite());
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed != 0;
}
