/* What the kernel believes of its own callers: each mistake here must stop it, by an assertion that
 * is in release builds, too, and not go on to harm somebody else's memory. */
#include "tests/unit/kernel/host_tests.h"

#include <signal.h>
#include "kernel/account/account.h"

static void a_frame_that_is_free_is_shared(void)
{
        paddr_t frame = frame_take(0, false);
        frame_give(frame, 0);
        frame_share(frame);
}

static void a_module_is_adopted_that_is_in_use(void)
{
        paddr_t frame = frame_take(0, false);
        frame_adopt(frame, frame + PAGE_SIZE);
}

static void a_shared_frame_gets_an_owner(void)
{
        paddr_t frame = frame_take(0, false);
        frame_share(frame);
        frame_set_owner(frame, &frame, true);
}

static void more_is_given_back_than_was_charged(void)
{
        struct account *account = program_new()->account;
        account_uncharge(account, account->used + 1);
}

static void a_cell_is_larger_than_any(void)
{
        account_alloc(program_new()->account, PAGE_SIZE);
}

static void a_device_is_where_memory_is(void)
{
        memory_create_device(program_new()->account, MACHINE_START, 1);
}

static void memory_has_no_pages(void)
{
        memory_create_device(program_new()->account, 1ull << 40, 0);
}

static void a_page_is_copied_that_nobody_shares(void)
{
        memory_own_page(memory_create(program_new()->account, 1, 0), 0);
}

static void a_line_has_two_interrupts(void)
{
        struct account *account = program_new()->account;
        interrupt_create(account, 1);
        interrupt_create(account, 1);
}

static void a_thread_is_raised_above_its_ceiling(void)
{
        struct thread *thread = program_new()->thread;
        thread->ceiling = thread->base_priority;
        thread_set_base_priority(thread, thread->ceiling + 1u);
}

static void a_wait_is_cancelled_that_is_none(void)
{
        thread_cancel_wait(program_new()->thread);
}

static void (*const mistakes[])(void) = {
    a_frame_that_is_free_is_shared,
    a_module_is_adopted_that_is_in_use,
    a_shared_frame_gets_an_owner,
    more_is_given_back_than_was_charged,
    a_cell_is_larger_than_any,
    a_device_is_where_memory_is,
    memory_has_no_pages,
    a_page_is_copied_that_nobody_shares,
    a_line_has_two_interrupts,
    a_thread_is_raised_above_its_ceiling,
    a_wait_is_cancelled_that_is_none,
};

START_TEST(a_mistake_of_the_kernels_own_stops_it)
{
        mistakes[_i]();
}
END_TEST

Suite *assertions_suite(void)
{
        TCase *tests;
        Suite *suite = world_suite("assertions", &tests);
        tcase_add_loop_test_raise_signal(tests, a_mistake_of_the_kernels_own_stops_it, SIGABRT, 0,
                                         sizeof mistakes / sizeof *mistakes);
        return suite;
}
