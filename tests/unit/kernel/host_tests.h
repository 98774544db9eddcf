/* The suites of the kernel's machine-independent code, which run on the host machine (host/). Each
 * test begins with a fresh world, and ends with the proof that nothing is left of it. */
#ifndef HOST_TESTS_H
#define HOST_TESTS_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/kernel/host/world.h"

Suite *tree_suite(void);
Suite *frames_suite(void);
Suite *accounts_suite(void);
Suite *handles_suite(void);
Suite *memory_suite(void);
Suite *spaces_suite(void);
Suite *timers_suite(void);
Suite *sched_suite(void);
Suite *events_suite(void);
Suite *calls_suite(void);
Suite *asynchronous_suite(void);
Suite *capabilities_suite(void);
Suite *rights_suite(void);
Suite *faults_suite(void);
Suite *tasks_suite(void);
Suite *devices_suite(void);
Suite *refusals_suite(void);
Suite *failures_suite(void);
Suite *endings_suite(void);
Suite *assertions_suite(void);

/* A suite whose tests run in a world of their own. */
Suite *world_suite(const char *name, TCase **tests);

/* Not executed, perhaps executed, for a reason. */
#define NOT(reason)     not_executed(REASON_##reason)
#define PERHAPS(reason) perhaps_executed(REASON_##reason)

/* For conditions checked a thousand times: Check records each of its own assertions. */
#define check_that(condition)                                                                      \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        ck_abort_msg("check failed: %s", #condition);                              \
        } while (0)

#define ck_outcome(is, wanted) ck_assert_uint_eq((is), (wanted))

#endif
