/* Which initiations of a peer are answered. */
#include <string.h>

#include "netipc/crypto/freshness.h"
#include "tests/unit/crypto/crypto.h"

static const uint8_t *life(unsigned number)
{
        static uint8_t epochs[16][IDENTITY_EPOCH];
        memset(epochs[number], (int)number, IDENTITY_EPOCH);
        return epochs[number];
}

START_TEST(an_attempt_is_answered_once)
{
        struct freshness f = {0};
        ck_assert_int_eq(freshness_check(&f, life(1), 5), CRYPTO_TAKEN);
        freshness_answered(&f, life(1), 5);
        ck_assert_int_eq(freshness_check(&f, life(1), 5), CRYPTO_REFUSED_REPEATED);
        ck_assert_int_eq(freshness_check(&f, life(1), 4), CRYPTO_REFUSED_REPEATED);
        freshness_confirmed(&f, life(1));
        ck_assert_int_eq(freshness_check(&f, life(1), 5), CRYPTO_REFUSED_REPEATED);
        ck_assert_int_eq(freshness_check(&f, life(1), 6), CRYPTO_TAKEN);
        freshness_answered(&f, life(1), 6);
        ck_assert_int_eq(freshness_check(&f, life(1), 6), CRYPTO_REFUSED_REPEATED);
}
END_TEST

START_TEST(a_life_is_over_when_the_next_one_is_confirmed_and_not_before)
{
        struct freshness f = {0};
        freshness_answered(&f, life(1), 5);
        freshness_confirmed(&f, life(1));
        freshness_answered(&f, life(2), 1);
        ck_assert_int_eq(freshness_check(&f, life(1), 6), CRYPTO_TAKEN);
        freshness_confirmed(&f, life(2));
        ck_assert_int_eq(freshness_check(&f, life(1), 6), CRYPTO_REFUSED_STALE);
        ck_assert_int_eq(freshness_check(&f, life(2), 1), CRYPTO_REFUSED_REPEATED);
        ck_assert_int_eq(freshness_check(&f, life(2), 2), CRYPTO_TAKEN);
}
END_TEST

START_TEST(a_repetition_from_an_unknown_life_costs_the_true_one_nothing)
{
        struct freshness f = {0};
        freshness_answered(&f, life(1), 5);
        freshness_confirmed(&f, life(1));
        freshness_answered(&f, life(9), 1000);
        freshness_answered(&f, life(8), 1);
        ck_assert_int_eq(freshness_check(&f, life(1), 6), CRYPTO_TAKEN);
        ck_assert_int_eq(freshness_check(&f, life(1), 5), CRYPTO_REFUSED_REPEATED);
        freshness_confirmed(&f, life(1));
        ck_assert_int_eq(freshness_check(&f, life(1), 6), CRYPTO_TAKEN);
}
END_TEST

START_TEST(the_last_lives_are_remembered)
{
        struct freshness f = {0};
        for (unsigned i = 1; i <= FRESHNESS_LIVES + 2; i++) {
                freshness_answered(&f, life(i), 1);
                freshness_confirmed(&f, life(i));
        }
        for (unsigned i = 2; i < FRESHNESS_LIVES + 2; i++)
                ck_assert_int_eq(freshness_check(&f, life(i), 9), CRYPTO_REFUSED_STALE);
}
END_TEST

/* As the initiator one learns of the other's life by the response. */
START_TEST(a_life_met_by_its_answer_is_confirmed_without_an_initiation)
{
        struct freshness f = {0};
        freshness_confirmed(&f, life(1));
        freshness_confirmed(&f, life(2));
        ck_assert_int_eq(freshness_check(&f, life(1), 1), CRYPTO_REFUSED_STALE);
        ck_assert_int_eq(freshness_check(&f, life(2), 1), CRYPTO_TAKEN);
}
END_TEST

Suite *freshness_suite(void)
{
        Suite *suite = suite_create("freshness");
        TCase *tests = tcase_create("freshness");
        tcase_add_test(tests, an_attempt_is_answered_once);
        tcase_add_test(tests, a_life_is_over_when_the_next_one_is_confirmed_and_not_before);
        tcase_add_test(tests, a_repetition_from_an_unknown_life_costs_the_true_one_nothing);
        tcase_add_test(tests, the_last_lives_are_remembered);
        tcase_add_test(tests, a_life_met_by_its_answer_is_confirmed_without_an_initiation);
        suite_add_tcase(suite, tests);
        return suite;
}
