/* The cases of absence, run with those of the registry. */
#ifndef TESTS_UNIT_REGISTRY_ABSENCE_H
#define TESTS_UNIT_REGISTRY_ABSENCE_H

#include <check.h>

/* What is said of names that are not there. */
TCase *absence_tests(void);

#endif
