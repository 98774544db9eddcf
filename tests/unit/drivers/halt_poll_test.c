/* When a driver polls in place of a halt. */
#include "drivers/lib/halt_poll.h"
#include "tests/unit/drivers/suites.h"

static struct halt_poll poll_state;

static void set_up(void)
{
        poll_state = (struct halt_poll){0};
}

START_TEST(what_is_expected_is_polled_for_once)
{
        ck_assert(!halt_poll_due(&poll_state, 0));
        ck_assert(halt_poll_due(&poll_state, 7));
        ck_assert(!halt_poll_due(&poll_state, 7));
        ck_assert(!halt_poll_due(&poll_state, 0));
        ck_assert(halt_poll_due(&poll_state, 8));
}
END_TEST

/* How many of the next things that are expected nobody polls for. */
static unsigned skipped(uint32_t *number)
{
        unsigned count = 0;
        while (!halt_poll_due(&poll_state, ++*number))
                count++;
        return count;
}

START_TEST(polling_for_nothing_becomes_rare_and_one_success_brings_it_back)
{
        static const unsigned skips[] = {1, 3, 7, 15, 31, 63, 127, 255, 255, 255};
        uint32_t number = 0;
        ck_assert_uint_eq(skipped(&number), 0);
        for (unsigned i = 0; i < sizeof skips / sizeof skips[0]; i++) {
                halt_poll_ended(&poll_state, false);
                ck_assert_uint_eq(skipped(&number), skips[i]);
        }
        halt_poll_ended(&poll_state, true);
        ck_assert_uint_eq(skipped(&number), 0);
}
END_TEST

START_TEST(each_expectation_of_a_client_has_a_number_of_its_own)
{
        static _Alignas(PACKET_CACHE_LINE) struct packet_area area;
        struct packet_end end = {.area = &area, .side = PACKET_CLIENT};
        uint32_t first;
        ck_assert_uint_eq(packet_expected(&area), 0);
        packet_expect(&end);
        first = packet_expected(&area);
        ck_assert_uint_ne(first, 0);
        packet_expect_none(&end);
        ck_assert_uint_eq(packet_expected(&area), 0);
        packet_expect(&end);
        ck_assert_uint_ne(packet_expected(&area), 0);
        ck_assert_uint_ne(packet_expected(&area), first);
        end.expectations = UINT32_MAX;
        packet_expect(&end);
        ck_assert_uint_ne(packet_expected(&area), 0);
}
END_TEST

Suite *halt_poll_suite(void)
{
        Suite *suite = suite_create("halt_poll");
        TCase *tcase = tcase_create("halt_poll");
        tcase_add_checked_fixture(tcase, set_up, NULL);
        tcase_add_test(tcase, what_is_expected_is_polled_for_once);
        tcase_add_test(tcase, polling_for_nothing_becomes_rare_and_one_success_brings_it_back);
        tcase_add_test(tcase, each_expectation_of_a_client_has_a_number_of_its_own);
        suite_add_tcase(suite, tcase);
        return suite;
}
