/* Checks of programs that run in a guest. A failed one calls test_fail(), which is the program's
 * own and does not return. */
#ifndef TESTS_GUEST_CHECK_H
#define TESTS_GUEST_CHECK_H

#include <stdint.h>
#include "kernel/abi/outcome.h"

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        test_fail(__FILE__, __LINE__, #condition, 0, 0);                           \
        } while (0)
/* Compares two numbers, and prints both if they differ. */
#define CHECK_EQ(got, wanted)                                                                      \
        do {                                                                                       \
                uint64_t got_ = (uint64_t)(got), wanted_ = (uint64_t)(wanted);                     \
                if (got_ != wanted_)                                                               \
                        test_fail(__FILE__, __LINE__, #got " == " #wanted, got_, wanted_);         \
        } while (0)
#define CHECK_OK(outcome)          CHECK_EQ(outcome, OUTCOME_OK)
#define CHECK_NOT(outcome, reason) CHECK_EQ(outcome, not_executed(REASON_##reason))

void test_fail(const char *file, int line, const char *what, uint64_t got, uint64_t wanted)
    __attribute__((noreturn));

#endif
