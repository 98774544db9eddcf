/* What the test files of the stream server share. */
#ifndef TESTS_STREAM_SUITES_H
#define TESTS_STREAM_SUITES_H

#include "tests/unit/suites.h"

Suite *terminal_suite(void);
Suite *watch_suite(void);
Suite *pair_suite(void);

#endif
