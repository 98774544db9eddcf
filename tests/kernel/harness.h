/* In-guest tests of the kernel: one program, which the kernel starts as its first task, one file
 * per object. Each test is a function that calls CHECK; the first failed check ends it. What tests
 * need is in child.h.
 *
 * After each test everything it made is destroyed with its account; the harness compares the memory
 * of the root account before and after. */
#ifndef TESTS_KERNEL_HARNESS_H
#define TESTS_KERNEL_HARNESS_H

#include "kernel/abi/bootinfo.h"
#include "tests/kernel/child.h"

struct test {
        const char *name;
        void (*run)(void);
};

/* One list for each file, ended by a NULL name. */
extern const struct test abandoned_tests[], account_tests[], argument_tests[], call_tests[],
    claim_tests[], completion_tests[], clock_tests[], device_tests[], error_tests[], event_tests[],
    fault_tests[], handle_tests[], memory_tests[], message_error_tests[], message_tests[],
    move_tests[], port_tests[], random_tests[], regression_tests[], right_tests[], started_tests[],
    task_tests[], teardown_tests[], diverted_tests[], trace_tests[], thread_tests[];

extern const struct bootinfo *boot;

/* The tests' own thread runs at PRIORITY_TEST; helpers, which must not be above, at the others. */
enum { PRIORITY_TEST = 200, PRIORITY_HIGH = 80, PRIORITY_MIDDLE = 60, PRIORITY_LOW = 40 };

#endif
