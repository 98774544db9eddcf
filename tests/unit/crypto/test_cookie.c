/* Initiations under load. */
#include "tests/unit/crypto/bench.h"
#include "tests/unit/crypto/crypto.h"

#define SECOND 1000000000ull

static struct bench bench;
static uint8_t random_bytes[COOKIE_NONCE + COOKIE_SECRET];

static enum crypto_refusal admit(uint32_t address, uint64_t now)
{
        return handshake_admit(&bench.b, &bench.jar, address, PORT_A, bench.initiation,
                               sizeof(bench.initiation), now);
}

/* Nodes in a storm, in which a first initiation without a cookie was refused. */
static void storm(void)
{
        bench_init(&bench);
        bench_fill(random_bytes, sizeof(random_bytes), 3);
        ck_assert(bench_begin(&bench));
        for (unsigned i = 0; i < COOKIE_CALM; i++)
                ck_assert_int_eq(admit(ADDRESS_A, 0), CRYPTO_TAKEN);
        ck_assert_int_eq(admit(ADDRESS_A, 0), CRYPTO_REFUSED_COOKIE);
}

static void cookie_write(uint8_t packet[HANDSHAKE_COOKIE], uint64_t now)
{
        bench_header(packet, TYPE_COOKIE, handshake_index(bench.initiation));
        handshake_cookie_write(&bench.b, &bench.jar, ADDRESS_A, PORT_A, bench.initiation,
                               random_bytes, packet, now);
}

static enum crypto_refusal cookie_take(const uint8_t packet[HANDSHAKE_COOKIE])
{
        return handshake_cookie_read(&bench.initiator, &bench.held, packet, HANDSHAKE_COOKIE, 0);
}

START_TEST(a_calm_node_asks_for_no_cookie_and_a_storm_ends)
{
        storm();
        ck_assert_int_eq(admit(ADDRESS_A, SECOND - 1), CRYPTO_REFUSED_COOKIE);
        ck_assert_int_eq(admit(ADDRESS_A, SECOND), CRYPTO_TAKEN);
}
END_TEST

START_TEST(who_shows_the_cookie_is_taken_and_only_at_his_address)
{
        uint8_t packet[HANDSHAKE_COOKIE];
        storm();
        cookie_write(packet, 0);
        ck_assert_int_eq(cookie_take(packet), CRYPTO_TAKEN);
        ck_assert(bench_begin(&bench));
        ck_assert_int_eq(admit(ADDRESS_A, 1), CRYPTO_TAKEN);
        ck_assert_int_eq(admit(ADDRESS_A + 1, 1), CRYPTO_REFUSED_COOKIE);
        for (unsigned bit = 0; bit < 8 * COOKIE_MAC; bit++) {
                uint8_t *byte = &bench.initiation[HANDSHAKE_INITIATION - 1 - bit / 8];
                *byte ^= (uint8_t)(1 << bit % 8);
                ck_assert_int_eq(admit(ADDRESS_A, 1), CRYPTO_REFUSED_COOKIE);
                *byte ^= (uint8_t)(1 << bit % 8);
        }
}
END_TEST

START_TEST(one_address_does_not_use_up_what_all_have)
{
        uint8_t packet[HANDSHAKE_COOKIE];
        storm();
        cookie_write(packet, 0);
        ck_assert_int_eq(cookie_take(packet), CRYPTO_TAKEN);
        ck_assert(bench_begin(&bench));
        for (unsigned i = 0; i < COOKIE_SHARE; i++)
                ck_assert_int_eq(admit(ADDRESS_A, 1), CRYPTO_TAKEN);
        ck_assert_int_eq(admit(ADDRESS_A, 1), CRYPTO_REFUSED_SHARE);
        ck_assert_int_eq(admit(ADDRESS_A, SECOND - 1), CRYPTO_REFUSED_SHARE);
        /* Nearly all other addresses have a counter of their own. */
        unsigned others = 0;
        for (uint32_t i = 1; i <= 1000; i++)
                others += cookie_share(&bench.jar, ADDRESS_A + i, PORT_A);
        ck_assert_uint_ge(others, (COOKIE_SHARES - 8) * COOKIE_SHARE);
        ck_assert_uint_le(others, (COOKIE_SHARES - 1) * COOKIE_SHARE);
        /* The next second is another one. */
        for (unsigned i = 0; i < COOKIE_CALM; i++)
                ck_assert_int_eq(admit(ADDRESS_A, SECOND), CRYPTO_TAKEN);
        ck_assert_int_eq(admit(ADDRESS_A, SECOND), CRYPTO_TAKEN);
}
END_TEST

START_TEST(a_cookie_ends_with_its_secret)
{
        uint8_t packet[HANDSHAKE_COOKIE];
        storm();
        cookie_write(packet, 0);
        ck_assert_int_eq(cookie_take(packet), CRYPTO_TAKEN);
        ck_assert(bench_begin(&bench));
        bench.jar.counted_until = UINT64_MAX; /* the storm goes on */
        ck_assert_int_eq(admit(ADDRESS_A, COOKIE_LIFE - 1), CRYPTO_TAKEN);
        ck_assert_int_eq(admit(ADDRESS_A, COOKIE_LIFE), CRYPTO_REFUSED_COOKIE);
        /* The next secret is another one. */
        bench_fill(random_bytes, sizeof(random_bytes), 4);
        cookie_write(packet, COOKIE_LIFE);
        ck_assert_int_eq(admit(ADDRESS_A, COOKIE_LIFE), CRYPTO_REFUSED_COOKIE);
        /* And the initiator no longer shows the old one. */
        uint8_t mac[COOKIE_MAC], none[COOKIE_MAC] = {0};
        cookie_mac2(mac, &bench.held, "", 0, COOKIE_LIFE);
        ck_assert_mem_eq(mac, none, COOKIE_MAC);
}
END_TEST

START_TEST(the_secret_is_not_drawn_anew_for_each_cookie)
{
        uint8_t packet[HANDSHAKE_COOKIE], other[HANDSHAKE_COOKIE];
        storm();
        cookie_write(packet, 0);
        bench_fill(random_bytes, sizeof(random_bytes), 77);
        cookie_write(other, 1);
        ck_assert_mem_ne(packet, other, sizeof(other));
        ck_assert_int_eq(cookie_take(packet), CRYPTO_TAKEN);
        struct cookie_held first = bench.held;
        ck_assert_int_eq(cookie_take(other), CRYPTO_TAKEN);
        ck_assert_mem_eq(first.cookie, bench.held.cookie, COOKIE_BYTES);
}
END_TEST

START_TEST(a_cookie_is_taken_only_for_the_initiation_that_it_answers)
{
        uint8_t packet[HANDSHAKE_COOKIE];
        storm();
        cookie_write(packet, 0);
        for (unsigned bit = 8 * HANDSHAKE_HEADER; bit < 8 * HANDSHAKE_COOKIE; bit++) {
                packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_int_eq(cookie_take(packet), CRYPTO_REFUSED_AUTHENTICATION);
                packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert_uint_eq(bench.held.until, 0);
        bench.offer.attempt++;
        ck_assert(bench_begin(&bench));
        ck_assert_int_eq(cookie_take(packet), CRYPTO_REFUSED_AUTHENTICATION);
        ck_assert_uint_eq(bench.held.until, 0);
}
END_TEST

START_TEST(what_no_member_made_is_not_counted)
{
        bench_init(&bench);
        ck_assert(bench_begin(&bench));
        bench.initiation[40]++;
        for (unsigned i = 0; i < 10 * COOKIE_CALM; i++)
                ck_assert_int_eq(admit(ADDRESS_A, 0), CRYPTO_REFUSED_MAC);
        bench.initiation[40]--;
        ck_assert_int_eq(admit(ADDRESS_A, 0), CRYPTO_TAKEN);
}
END_TEST

START_TEST(no_answer_is_longer_than_what_it_answers)
{
        ck_assert_int_lt(HANDSHAKE_COOKIE, HANDSHAKE_INITIATION);
        ck_assert_int_lt(HANDSHAKE_RESPONSE, HANDSHAKE_INITIATION);
}
END_TEST

Suite *cookie_suite(void)
{
        Suite *suite = suite_create("cookie");
        TCase *tests = tcase_create("cookie");
        tcase_add_test(tests, a_calm_node_asks_for_no_cookie_and_a_storm_ends);
        tcase_add_test(tests, who_shows_the_cookie_is_taken_and_only_at_his_address);
        tcase_add_test(tests, one_address_does_not_use_up_what_all_have);
        tcase_add_test(tests, a_cookie_ends_with_its_secret);
        tcase_add_test(tests, the_secret_is_not_drawn_anew_for_each_cookie);
        tcase_add_test(tests, a_cookie_is_taken_only_for_the_initiation_that_it_answers);
        tcase_add_test(tests, what_no_member_made_is_not_counted);
        tcase_add_test(tests, no_answer_is_longer_than_what_it_answers);
        suite_add_tcase(suite, tests);
        return suite;
}
