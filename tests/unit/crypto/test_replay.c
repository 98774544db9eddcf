/* The window of used numbers. */
#include "netipc/crypto/replay.h"
#include "tests/unit/crypto/crypto.h"

START_TEST(each_number_is_taken_once)
{
        struct replay replay = {0};
        ck_assert(replay_used(&replay, 0));
        for (uint64_t number = 1; number < 3 * REPLAY_WINDOW; number++) {
                ck_assert(!replay_used(&replay, number));
                replay_note(&replay, number);
                ck_assert(replay_used(&replay, number));
        }
}
END_TEST

START_TEST(late_numbers_are_taken_within_the_window_and_not_below)
{
        struct replay replay = {0};
        replay_note(&replay, 100000);
        for (uint64_t number = 100000 - REPLAY_WINDOW - 200; number < 100000; number++)
                ck_assert_int_eq(replay_used(&replay, number), number <= 100000 - REPLAY_WINDOW);
        for (uint64_t number = 99999; number > 100000 - REPLAY_WINDOW; number--) {
                ck_assert(!replay_used(&replay, number));
                replay_note(&replay, number);
        }
        for (uint64_t number = 1; number <= 100000; number++)
                ck_assert(replay_used(&replay, number));
}
END_TEST

/* Against a plain list of what was used. */
START_TEST(jumps_of_all_sizes_forget_nothing_and_invent_nothing)
{
        enum { ALL = 200000 };
        static bool used[ALL];
        struct replay replay = {0};
        uint64_t random = 1, largest = 0;
        for (unsigned turn = 0; turn < 20000 && largest < ALL - 20000; turn++) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                uint64_t jump = random >> 33;
                uint64_t number = turn % 97 == 0  ? largest + 1 + jump % 10000
                                  : jump % 4 == 0 ? largest + 1 + jump % 70
                                                  : largest - jump % (largest + 1) % 9000;
                bool expected = number == 0 || used[number] || number + REPLAY_WINDOW <= largest;
                ck_assert_int_eq(replay_used(&replay, number), expected);
                if (expected)
                        continue;
                replay_note(&replay, number);
                used[number] = true;
                largest = number > largest ? number : largest;
        }
        ck_assert_uint_gt(largest, ALL / 2);
}
END_TEST

START_TEST(a_far_jump_forgets_all_that_was_used)
{
        for (uint64_t jump = REPLAY_WINDOW; jump < REPLAY_WINDOW + 200; jump++) {
                struct replay replay = {0};
                for (uint64_t number = 1; number <= REPLAY_WINDOW; number++)
                        replay_note(&replay, number);
                replay_note(&replay, REPLAY_WINDOW + jump);
                for (uint64_t number = jump + 1; number < REPLAY_WINDOW + jump; number++)
                        ck_assert(replay_used(&replay, number) == (number <= REPLAY_WINDOW));
        }
}
END_TEST

START_TEST(the_largest_numbers_work_as_well)
{
        struct replay replay = {0};
        replay_note(&replay, UINT64_MAX - 1);
        ck_assert(!replay_used(&replay, UINT64_MAX));
        ck_assert(!replay_used(&replay, UINT64_MAX - REPLAY_WINDOW));
        ck_assert(replay_used(&replay, UINT64_MAX - 1 - REPLAY_WINDOW));
        replay_note(&replay, UINT64_MAX);
        ck_assert(replay_used(&replay, 1));
}
END_TEST

Suite *replay_suite(void)
{
        Suite *suite = suite_create("replay");
        TCase *tests = tcase_create("replay");
        tcase_add_test(tests, each_number_is_taken_once);
        tcase_add_test(tests, late_numbers_are_taken_within_the_window_and_not_below);
        tcase_add_test(tests, jumps_of_all_sizes_forget_nothing_and_invent_nothing);
        tcase_add_test(tests, a_far_jump_forgets_all_that_was_used);
        tcase_add_test(tests, the_largest_numbers_work_as_well);
        suite_add_tcase(suite, tests);
        return suite;
}
