/* The cases of each file. */
#ifndef TESTS_COMMON_SUITES_H
#define TESTS_COMMON_SUITES_H

#include <check.h>

TCase *bytes_tests(void);
TCase *elf_tests(void);
TCase *name_tests(void);
TCase *remote_tests(void);

#endif
