/* Held answers: each is given once, when it is due, and earlier if the leases of its file end. */
#include "servers/fs/waits.h"
#include "kernel/abi/message.h"
#include "tests/unit/fs/test_fs.h"

static struct waits waits;

static void setup(void)
{
        waits = (struct waits){0};
}

static void hold(uint64_t due, uint64_t identity, uint64_t result)
{
        const struct wait wait = {.reply = 1, .due = due, .identity = identity, .result = result};
        waits_add(&waits, &wait);
}

/* What the answers that are due by then add up to. */
static uint64_t results_by(uint64_t now)
{
        struct wait wait;
        uint64_t sum = 0;
        while (waits_take(&waits, now, &wait))
                sum += wait.result;
        return sum;
}

START_TEST(an_answer_is_given_once_when_it_is_due)
{
        ck_assert_uint_eq(waits_next(&waits), TIME_NEVER);
        hold(30, 1, 100);
        hold(10, 1, 1);
        hold(20, 2, 10);
        ck_assert_uint_eq(waits_next(&waits), 10);
        ck_assert_uint_eq(results_by(9), 0);
        ck_assert_uint_eq(results_by(20), 11);
        ck_assert_uint_eq(waits_next(&waits), 30);
        ck_assert_uint_eq(results_by(TIME_NEVER - 1), 100);
        ck_assert_uint_eq(waits_next(&waits), TIME_NEVER);
}
END_TEST

START_TEST(the_end_of_a_lease_makes_the_answers_of_its_file_due)
{
        hold(30, 1, 1);
        hold(30, 2, 10);
        hold(5, 1, 100);
        waits_shorten(&waits, 1, 20);
        ck_assert_uint_eq(results_by(20), 101);
        ck_assert_uint_eq(results_by(30), 10);
}
END_TEST

START_TEST(there_is_room_for_so_many)
{
        for (int i = 0; i < WAITS_MAX; i++) {
                ck_assert(waits_room(&waits));
                hold(10, 1, 1);
        }
        ck_assert(!waits_room(&waits));
        ck_assert_uint_eq(results_by(10), WAITS_MAX);
        ck_assert(waits_room(&waits));
}
END_TEST

Suite *waits_suite(void)
{
        Suite *suite = suite_create("fs/waits");
        TCase *tcase = tcase_create("waits");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, an_answer_is_given_once_when_it_is_due);
        tcase_add_test(tcase, the_end_of_a_lease_makes_the_answers_of_its_file_due);
        tcase_add_test(tcase, there_is_room_for_so_many);
        suite_add_tcase(suite, tcase);
        return suite;
}
