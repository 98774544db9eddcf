/* The test cases of the process server, one file each. */
#ifndef TESTS_PROCESS_SUITES_H
#define TESTS_PROCESS_SUITES_H

#include <check.h>

TCase *spawner_tests(void);
TCase *group_tests(void);
TCase *family_tests(void);
TCase *memory_file_tests(void);

#endif
