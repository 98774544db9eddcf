/* The test cases of idl, one file each. */
#ifndef TESTS_IDL_SUITES_H
#define TESTS_IDL_SUITES_H

#include <check.h>

TCase *parse_tests(void);
TCase *stub_tests(void);
TCase *value_tests(void);
TCase *evolution_tests(void);

#endif
