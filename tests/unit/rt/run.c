/* Runs the unit tests of the runtime. */
#include "tests/unit/rt/suites.h"

#include "tests/unit/suites.h"

int main(void)
{
        Suite *suite = suite_create("rt");
        suite_add_tcase(suite, regions_tests());
        suite_add_tcase(suite, relocate_tests());
        suite_add_tcase(suite, startup_tests());
        suite_add_tcase(suite, format_tests());
        suite_add_tcase(suite, cpio_tests());
        suite_add_tcase(suite, symbols_tests());
        suite_add_tcase(suite, unwind_tests());
        suite_add_tcase(suite, chain_tests());
        suite_add_tcase(suite, chacha20_tests());
        suite_add_tcase(suite, message_tests());
        suite_add_tcase(suite, serve_tests());
        suite_add_tcase(suite, program_tests());
        suite_add_tcase(suite, script_tests());
        suite_add_tcase(suite, stack_tests());
        suite_add_tcase(suite, utf8_tests());
        suite_add_tcase(suite, visible_tests());
        suite_add_tcase(suite, fw_cfg_tests());
        suite_add_tcase(suite, ring_tests());
        suite_add_tcase(suite, rtc_tests());
        suite_add_tcase(suite, lock_tests());
        return suites_run(suite, NULL);
}
