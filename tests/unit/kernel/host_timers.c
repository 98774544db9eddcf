/* Deadlines: who waits until when, and what the hardware timer is armed for. */
#include "tests/unit/kernel/host_tests.h"

START_TEST(sleepers_wake_in_the_order_of_their_deadlines)
{
        struct program *a = program_new(), *b = program_new(), *c = program_new();
        ck_outcome(sys(a, SYSCALL_sleep, 3000), BLOCKED);
        ck_outcome(sys(b, SYSCALL_sleep, 1000), BLOCKED);
        ck_outcome(sys(c, SYSCALL_sleep, 2000), BLOCKED);
        ck_assert_ptr_null(kernel_next());
        struct program *const order[] = {b, c, a};
        for (unsigned i = 0; i < 3; i++) {
                ck_assert_uint_eq(machine.timer_at, 1000 * (i + 1));
                machine_advance(machine.timer_at - 1 - machine.clock);
                ck_assert_ptr_null(kernel_next());
                machine_advance(1);
                ck_assert_ptr_eq(kernel_next(), &order[i]->thread->run.context);
                ck_outcome(result(order[i]), OUTCOME_OK);
                ck_outcome(sys(order[i], SYSCALL_sleep, TIME_NEVER), BLOCKED);
        }
        ck_assert_ptr_null(kernel_next());
        ck_assert_uint_eq(machine.timer_at, TIME_NEVER);
}
END_TEST

START_TEST(a_sleep_into_the_past_returns_at_once)
{
        struct program *program = program_new();
        machine_advance(500);
        ck_outcome(sys(program, SYSCALL_sleep, 0), OUTCOME_OK);
        ck_outcome(sys(program, SYSCALL_sleep, machine.clock), OUTCOME_OK);
        ck_outcome(sys(program, SYSCALL_clock_read), OUTCOME_OK);
        ck_assert_uint_eq(program->thread->run.context.result, machine.clock);
}
END_TEST

START_TEST(a_timer_that_fires_early_ends_no_wait)
{
        struct program *program = program_new();
        ck_outcome(sys(program, SYSCALL_sleep, 1000), BLOCKED);
        kernel_timer();
        ck_assert_ptr_null(kernel_next());
        ck_assert_uint_eq(machine.timer_at, 1000);
        ck_assert(waits(program));
}
END_TEST

START_TEST(every_wait_ends_at_its_deadline)
{
        struct program *a = program_new(), *b = program_new(), *c = program_new();
        struct link link = link_new(a, c, 1);
        handle_t event = sys_handle(b, SYSCALL_event_create);
        ck_outcome(sys(c, SYSCALL_call, link.right, 0, header(0), 5000), BLOCKED);
        ck_outcome(sys(b, SYSCALL_event_wait, event, 1, 4000), BLOCKED);
        ck_outcome(sys(a, SYSCALL_handle_copy, 1, 0), NOT(BAD_HANDLE));
        machine_advance(6000);
        kernel_next();
        ck_outcome(result(b), NOT(DEADLINE));
        ck_outcome(result(c), NOT(DEADLINE));
        ck_outcome(sys(a, SYSCALL_receive, link.port, 0, 0, 7000), BLOCKED);
        machine_advance(1000);
        kernel_next();
        ck_outcome(result(a), NOT(DEADLINE));
}
END_TEST

/* A cancelled timer keeps its place in the set; what counts is the deadline set last. */
START_TEST(a_deadline_set_anew_is_the_one_that_counts)
{
        struct program *waiter = program_new(), *waker = program_new();
        handle_t event = sys_handle(waiter, SYSCALL_event_create);
        handle_t there = give(waiter, event, waker);
        ck_outcome(sys(waiter, SYSCALL_event_wait, event, 1, 1000), BLOCKED);
        ck_outcome(sys(waker, SYSCALL_event_signal, there, 1), OUTCOME_OK);
        ck_outcome(result(waiter), OUTCOME_OK);
        ck_outcome(sys(waker, SYSCALL_sleep, TIME_NEVER), BLOCKED);

        ck_outcome(sys(waiter, SYSCALL_event_wait, event, 1, 5000), BLOCKED);
        ck_assert_uint_le(machine.timer_at, 5000);
        while (machine.timer_at < 5000) {
                machine_advance_to_timer();
                ck_assert_ptr_null(kernel_next());
        }
        ck_assert_uint_eq(machine.timer_at, 5000);
        machine_advance_to_timer();
        kernel_next();
        ck_outcome(result(waiter), NOT(DEADLINE));

        ck_outcome(sys(waiter, SYSCALL_event_wait, event, 1, 9000), BLOCKED);
        machine_advance(1000);
        ck_assert_ptr_null(kernel_next());
        ck_assert_uint_eq(machine.timer_at, 9000);
}
END_TEST

START_TEST(a_deadline_of_zero_polls)
{
        struct program *program = program_new();
        struct link link = link_new(program, program, 1);
        handle_t event = sys_handle(program, SYSCALL_event_create);
        ck_outcome(sys(program, SYSCALL_event_wait, event, 1, 0), NOT(DEADLINE));
        ck_outcome(sys(program, SYSCALL_receive, link.port, 0, 0, 0), NOT(DEADLINE));
        ck_outcome(sys(program, SYSCALL_call, link.right, 0, header(0), 0), NOT(DEADLINE));
        ck_outcome(sys(program, SYSCALL_send, link.right, 0, header(0), 0), NOT(DEADLINE));
}
END_TEST

Suite *timers_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("timers", &tests);
        tcase_add_test(tests, sleepers_wake_in_the_order_of_their_deadlines);
        tcase_add_test(tests, a_sleep_into_the_past_returns_at_once);
        tcase_add_test(tests, a_timer_that_fires_early_ends_no_wait);
        tcase_add_test(tests, every_wait_ends_at_its_deadline);
        tcase_add_test(tests, a_deadline_set_anew_is_the_one_that_counts);
        tcase_add_test(tests, a_deadline_of_zero_polls);
        return suite;
}
