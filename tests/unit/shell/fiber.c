/* Fibers: turns, wakes that are not lost, deadlines, ends. */
#include "tests/unit/shell/test_shell.h"

#include "servers/shell/fiber.h"

static char trace[512];

static void say(const char *text)
{
        strcat(trace, text);
}

static void setup(void)
{
        trace[0] = 0;
}

static void counts(void *argument)
{
        char text[8];
        for (int i = 1; i <= 3; i++) {
                snprintf(text, sizeof text, "%s%d ", (const char *)argument, i);
                say(text);
                fiber_wake(fiber_current());
                fiber_wait(FIBER_NEVER);
        }
}

static void waits(void *argument)
{
        say(fiber_wait((uint64_t)argument) ? "woken " : "late ");
}

START_TEST(fibers_run_to_their_ends)
{
        char a[] = "a", b[] = "b";
        ck_assert_int_ge(fiber_start(counts, a), 0);
        ck_assert_int_ge(fiber_start(counts, b), 0);
        ck_assert_str_eq(trace, "");
        fibers_run();
        ck_assert_str_eq(trace, "a1 a2 a3 b1 b2 b3 ");
        ck_assert_int_eq(fiber_current(), -1);
        ck_assert_uint_eq(fibers_deadline(), FIBER_NEVER);
}
END_TEST

START_TEST(a_wait_ends_by_a_wake)
{
        int fiber = fiber_start(waits, (void *)FIBER_NEVER);
        fibers_run();
        fibers_time(FIBER_NEVER - 1);
        fibers_run();
        ck_assert_str_eq(trace, "");
        fiber_wake(fiber);
        fibers_run();
        ck_assert_str_eq(trace, "woken ");
}
END_TEST

START_TEST(a_wait_ends_at_its_deadline)
{
        fiber_start(waits, (void *)500);
        fiber_start(waits, (void *)300);
        fibers_run();
        ck_assert_uint_eq(fibers_deadline(), 300);
        fibers_time(299);
        fibers_run();
        ck_assert_str_eq(trace, "");
        fibers_time(300);
        fibers_run();
        ck_assert_str_eq(trace, "late ");
        ck_assert_uint_eq(fibers_deadline(), 500);
        fibers_time(1000);
        fibers_run();
        ck_assert_str_eq(trace, "late late ");
}
END_TEST

START_TEST(a_wake_before_the_wait_is_not_lost)
{
        int fiber = fiber_start(waits, (void *)FIBER_NEVER);
        fiber_wake(fiber);
        fibers_run();
        ck_assert_str_eq(trace, "woken ");
        fiber_wake(fiber);
        fibers_run();
        ck_assert_str_eq(trace, "woken ");
}
END_TEST

static void starts_another(void *argument)
{
        say("one ");
        ck_assert_int_ge(fiber_start(waits, argument), 0);
        say("two ");
}

START_TEST(a_fiber_can_start_another)
{
        fiber_start(starts_another, (void *)0);
        fibers_run();
        fibers_time(0);
        fibers_run();
        ck_assert_str_eq(trace, "one two late ");
}
END_TEST

START_TEST(there_are_so_many_and_places_are_used_again)
{
        for (int round = 0; round < 3; round++) {
                for (int i = 0; i < FIBERS; i++)
                        ck_assert_int_eq(fiber_start(waits, (void *)1), i);
                ck_assert_int_eq(fiber_start(waits, (void *)1), -1);
                fibers_run();
                fibers_wake_all();
                fibers_run();
        }
        ck_assert_uint_eq(strlen(trace), 3 * FIBERS * strlen("woken "));
}
END_TEST

static double third = 1.0 / 3;

static void computes(void *argument)
{
        double sum = 0;
        for (int i = 0; i < 30; i++) {
                sum += third;
                fiber_wait(0);
        }
        *(double *)argument = sum;
}

START_TEST(registers_are_kept_over_a_switch)
{
        double sums[2];
        fiber_start(computes, &sums[0]);
        fiber_start(computes, &sums[1]);
        for (int i = 0; i <= 30; i++) {
                fibers_run();
                fibers_time(0);
        }
        ck_assert(sums[0] > 9.999 && sums[0] < 10.001);
        ck_assert(sums[0] == sums[1]);
}
END_TEST

Suite *fiber_suite(void)
{
        Suite *suite = suite_create("shell/fiber");
        TCase *tcase = tcase_create("fiber");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, fibers_run_to_their_ends);
        tcase_add_test(tcase, a_wait_ends_by_a_wake);
        tcase_add_test(tcase, a_wait_ends_at_its_deadline);
        tcase_add_test(tcase, a_wake_before_the_wait_is_not_lost);
        tcase_add_test(tcase, a_fiber_can_start_another);
        tcase_add_test(tcase, there_are_so_many_and_places_are_used_again);
        tcase_add_test(tcase, registers_are_kept_over_a_switch);
        suite_add_tcase(suite, tcase);
        return suite;
}
