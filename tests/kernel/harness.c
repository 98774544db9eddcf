/* Runs all tests of the program three times, and compares the root account around the third. A
 * failed check leaves its test by longjmp; nothing else may. */
#include "tests/kernel/harness.h"
#include <setjmp.h>
#include <stdio.h>
#include "servers/rt/start/startup.h"

const struct bootinfo *boot;

static jmp_buf failed;

void test_fail(const char *file, int line, const char *what, uint64_t got, uint64_t wanted)
{
        printf("%s:%d: %s (%#llx, %#llx)\n", file, line, what, (unsigned long long)got,
               (unsigned long long)wanted);
        fflush(stdout);
        longjmp(failed, 1);
}

static uint64_t account_used(void)
{
        uint64_t used = 0, limit;
        sys_account_info(0, &used, &limit);
        return used;
}

static bool run_once(const struct test *test)
{
        if (setjmp(failed)) {
                printf("FAILED %s\n", test->name);
                made_destroy();
                return false;
        }
        test->run();
        made_destroy();
        return true;
}

/* The first runs may grow the handle table and the like, which stays; the last must give every byte
 * back. */
static bool run_test(const struct test *test)
{
        if (!run_once(test) || !run_once(test))
                return false;
        uint64_t before = account_used();
        if (!run_once(test))
                return false;
        if (account_used() == before)
                return true;
        printf("FAILED %s: it leaves %lld bytes behind\n", test->name,
               (long long)(account_used() - before));
        return false;
}

/* QEMU ends with twice this and one; one that did not start ends with 1 (tests/kernel/run). */
enum { EXIT_PASSED = 1, EXIT_FAILED = 2 };

int main(void)
{
        static const struct test *const files[] = {
            handle_tests, claim_tests,         argument_tests,   account_tests,   memory_tests,
            event_tests,  thread_tests,        message_tests,    port_tests,      right_tests,
            call_tests,   started_tests,       completion_tests, abandoned_tests, move_tests,
            error_tests,  message_error_tests, task_tests,       teardown_tests,  diverted_tests,
            fault_tests,  trace_tests,         device_tests,     clock_tests,     regression_tests,
            random_tests};
        unsigned passed = 0, bad = 0;
        boot = rt_bootinfo();
        setvbuf(stdout, NULL, _IOLBF, 512);
        children_init();
        sys_thread_control(boot->thread, THREAD_SET_PRIORITY,
                           thread_scheduling(PRIORITY_TEST, PRIORITY_TEST, 0));
        for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
                for (const struct test *test = files[i]; test->name; test++) {
                        if (run_test(test)) {
                                passed++;
                                printf("ok %s\n", test->name);
                        } else {
                                bad++;
                        }
                }
        printf("%u passed, %u failed\n", passed, bad);
        fflush(stdout);
        sys_machine_control(boot->hardware, MACHINE_EXIT, bad ? EXIT_FAILED : EXIT_PASSED);
        return 0;
}
