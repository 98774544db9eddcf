/* The tests of the runtime's pure parts, one file a part. */
#ifndef TESTS_RT_SUITES_H
#define TESTS_RT_SUITES_H

#include <check.h>

TCase *regions_tests(void);
TCase *relocate_tests(void);
TCase *startup_tests(void);
TCase *format_tests(void);
TCase *cpio_tests(void);
TCase *symbols_tests(void);
TCase *unwind_tests(void);
TCase *chain_tests(void);
TCase *chacha20_tests(void);
TCase *message_tests(void);
TCase *serve_tests(void);
TCase *program_tests(void);
TCase *script_tests(void);
TCase *stack_tests(void);
TCase *utf8_tests(void);
TCase *visible_tests(void);
TCase *fw_cfg_tests(void);
TCase *ring_tests(void);
TCase *rtc_tests(void);
TCase *lock_tests(void);

#endif
