/* Runs the unit tests of tools/switch. */

#include "tests/unit/switch/cases.h"
#include "tests/unit/suites.h"

int main(void)
{
        Suite *suite = suite_create("switch");
        suite_add_tcase(suite, impairment_case());
        suite_add_tcase(suite, link_case());
        suite_add_tcase(suite, tables_case());
        suite_add_tcase(suite, fabric_case());
        suite_add_tcase(suite, capture_case());
        suite_add_tcase(suite, secrets_case());
        suite_add_tcase(suite, dhcp_case());
        suite_add_tcase(suite, tftp_case());
        suite_add_tcase(suite, gateway_case());
        suite_add_tcase(suite, command_case());
        suite_add_tcase(suite, options_case());
        return suites_run(suite, NULL);
}
