/* Held answers: each is given once, when it is due. */
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

START_TEST(there_is_room_for_so_many_and_one_file_has_not_all)
{
        for (unsigned i = 0; i < WAITS_MAX; i++) {
                const uint64_t file = i < WAITS_OF_FILE ? 1 : 2;
                ck_assert(waits_room(&waits, file));
                hold(10, file, 1);
                ck_assert(waits_room(&waits, 1) == (i + 1 < WAITS_OF_FILE));
        }
        ck_assert(!waits_room(&waits, 2) && !waits_room(&waits, 3));
        ck_assert_uint_eq(results_by(10), WAITS_MAX);
        ck_assert(waits_room(&waits, 1));
}
END_TEST

Suite *waits_suite(void)
{
        Suite *suite = suite_create("fs/waits");
        TCase *tcase = tcase_create("waits");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, an_answer_is_given_once_when_it_is_due);
        tcase_add_test(tcase, there_is_room_for_so_many_and_one_file_has_not_all);
        suite_add_tcase(suite, tcase);
        return suite;
}
