/* The suites of ptl's unit tests, one a file. */
#ifndef TEST_PTL_SUITES_H
#define TEST_PTL_SUITES_H

#include <check.h>

Suite *options_suite(void);
Suite *boot_suite(void);
Suite *stream_suite(void);
Suite *commands_suite(void);
Suite *terminal_suite(void);
Suite *room_suite(void);
Suite *source_suite(void);
Suite *keys_suite(void);

#endif
