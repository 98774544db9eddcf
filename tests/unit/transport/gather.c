/* What is gathered before anything is sent, and that the transport comes back to its priority. */
#include "kernel/abi/sched.h"
#include "netipc/server/gather.h"
#include "tests/unit/transport/kernel.h"

enum { FAR_TOO_MANY = 1000 };

static void setup(void)
{
        kernel_reset();
        kernel.yields = 0;
        while (gathering())
                gather_more(false);
        ck_assert(gather_init() == OUTCOME_OK);
}

static void ck_own_priority(void)
{
        ck_assert_uint_gt(kernel.priority, PRIORITY_DEFAULT);
        ck_assert_uint_eq(kernel.ceiling, kernel.priority);
}

START_TEST(without_a_wish_nothing_waits)
{
        ck_assert(!gather_more(true));
        ck_assert(!gathering());
        ck_assert_uint_eq(kernel.yields, 0);
}
END_TEST

START_TEST(others_run_once_and_below_their_priority_no_more)
{
        gather_want();
        ck_assert(gather_more(true));
        ck_assert_uint_eq(kernel.yields, 1);
        ck_assert_uint_eq(kernel.yielded_at, PRIORITY_DEFAULT);
        ck_own_priority();
        gather_want();
        ck_assert(gather_more(true));
        ck_assert_uint_eq(kernel.yields, 1);
}
END_TEST

START_TEST(it_ends_when_no_message_waits)
{
        gather_want();
        ck_assert(gather_more(true));
        ck_assert(gather_more(true));
        ck_assert(!gather_more(false));
        ck_assert(!gathering());
        ck_assert(!gather_more(true));
}
END_TEST

START_TEST(it_ends_however_many_messages_wait)
{
        unsigned taken = 0;
        gather_want();
        while (gather_more(true) && taken < FAR_TOO_MANY) {
                gather_want();
                taken++;
        }
        ck_assert_uint_lt(taken, FAR_TOO_MANY);
        ck_assert_uint_eq(kernel.yields, 1);
        ck_own_priority();
}
END_TEST

Suite *gather_suite(void)
{
        Suite *suite = suite_create("gather");
        TCase *tests = tcase_create("gather");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, without_a_wish_nothing_waits);
        tcase_add_test(tests, others_run_once_and_below_their_priority_no_more);
        tcase_add_test(tests, it_ends_when_no_message_waits);
        tcase_add_test(tests, it_ends_however_many_messages_wait);
        suite_add_tcase(suite, tests);
        return suite;
}
