/* The packets of a handshake: against vectors, and every way in which one can be wrong. */
#include "netipc/crypto/freshness.h"
#include "netipc/crypto/keylog.h"
#include "tests/unit/crypto/bench.h"
#include "tests/unit/crypto/crypto.h"
#include "tests/unit/crypto/vectors.h"

static struct bench bench;

static void keys_agree(const struct bench *b)
{
        ck_assert_mem_eq(&b->of_a.split, &b->of_b.split, sizeof(b->of_a.split));
        ck_assert_int_eq(b->of_a.cipher, b->of_b.cipher);
        ck_assert_mem_eq(b->of_a.ephemeral, b->of_b.ephemeral, NOISE_KEY);
}

START_TEST(each_side_learns_what_the_other_says)
{
        bench_init(&bench);
        ck_assert(bench_run(&bench));
        keys_agree(&bench);
        ck_assert_mem_eq(&bench.read, &bench.offer, sizeof(bench.offer));
        ck_assert_uint_eq(handshake_node(bench.initiation), bench.a.node);
        ck_assert_uint_eq(bench.of_a.peer_index, INDEX_B);
        ck_assert_uint_eq(bench.of_b.peer_index, INDEX_A);
        ck_assert_mem_eq(bench.of_a.peer_epoch, bench.b.epoch, IDENTITY_EPOCH);
        ck_assert_mem_eq(bench.of_b.peer_epoch, bench.a.epoch, IDENTITY_EPOCH);
        ck_assert_mem_eq(bench.of_a.peer_parameters, bench.reply.parameters, HANDSHAKE_PARAMETERS);
        ck_assert_mem_eq(bench.of_b.peer_parameters, bench.offer.parameters, HANDSHAKE_PARAMETERS);
}
END_TEST

/* --- vectors */

static void vectors_load(struct bench *b)
{
        struct vector psk = vector("handshake", "psk");
        memset(b, 0, sizeof(*b));
        identity_init(&b->a, vector("handshake", "initiator").bytes, psk.bytes, 0x1122334455667788,
                      vector("handshake", "epoch_i").bytes);
        identity_init(&b->b, vector("handshake", "responder").bytes, psk.bytes, 0x1122334455667788,
                      vector("handshake", "epoch_r").bytes);
        b->offer = (struct handshake_offer){.attempt = 7, .costs = {900, 300}};
        b->reply.index = INDEX_B;
        b->costs[CIPHER_CHACHA20_POLY1305] = b->costs[CIPHER_AES_256_GCM] = 500;
        memcpy(b->offer.epoch, b->a.epoch, IDENTITY_EPOCH);
        memcpy(b->offer.peer_epoch, b->b.epoch, IDENTITY_EPOCH);
        memcpy(b->reply.epoch, b->b.epoch, IDENTITY_EPOCH);
        for (uint8_t i = 0; i < HANDSHAKE_PARAMETERS; i++) {
                b->offer.parameters[i] = i;
                b->reply.parameters[i] = (uint8_t)(16 + i);
        }
}

static void same(const char *name, const void *bytes, size_t count)
{
        struct vector expected = vector("handshake", name);
        ck_assert_uint_eq(count, expected.count);
        ck_assert_mem_eq(bytes, expected.bytes, count);
}

static void begin(struct bench *b)
{
        bench_header(b->initiation, TYPE_INITIATION, 0);
        ck_assert(handshake_begin(&b->initiator, &b->a, b->b.pair.public_key, INDEX_A, &b->offer,
                                  &b->held, vector("handshake", "ephemeral_i").bytes, b->initiation,
                                  1000));
}

START_TEST(packets_are_those_of_the_protocol)
{
        struct bench *b = &bench;
        char line[KEYLOG_LINE];
        vectors_load(b);
        same("id_i", &b->a.node, sizeof(b->a.node));
        same("id_r", &b->b.node, sizeof(b->b.node));
        begin(b);
        same("initiation", b->initiation, sizeof(b->initiation));
        ck_assert_int_eq(bench_admit(b), CRYPTO_TAKEN);
        ck_assert_int_eq(bench_read(b), CRYPTO_TAKEN);
        ck_assert_mem_eq(&b->read, &b->offer, sizeof(b->offer));
        bench_header(b->response, TYPE_RESPONSE, INDEX_A);
        ck_assert_int_eq(handshake_answer(&b->responder, &b->b, &b->read, b->costs, &b->reply,
                                          vector("handshake", "ephemeral_r").bytes, b->response,
                                          &b->of_b),
                         CRYPTO_TAKEN);
        same("response", b->response, sizeof(b->response));
        ck_assert_int_eq(bench_finish(b), CRYPTO_TAKEN);
        keys_agree(b);
        same("key_i", b->of_a.split.from_initiator, NOISE_KEY);
        same("key_r", b->of_a.split.from_responder, NOISE_KEY);
        same("keylog", line, keylog_write(line, &b->of_a, INDEX_A, INDEX_B));
}
END_TEST

START_TEST(cookies_are_those_of_the_protocol)
{
        struct bench *b = &bench;
        uint8_t random[COOKIE_NONCE + COOKIE_SECRET], packet[HANDSHAKE_COOKIE];
        vectors_load(b);
        begin(b);
        memcpy(random, vector("handshake", "nonce").bytes, COOKIE_NONCE);
        memcpy(random + COOKIE_NONCE, vector("handshake", "jar").bytes, COOKIE_SECRET);
        bench_header(packet, TYPE_COOKIE, INDEX_A);
        handshake_cookie_write(&b->b, &b->jar, ADDRESS_A, PORT_A, b->initiation, random, packet, 0);
        same("cookie", packet, sizeof(packet));
        ck_assert_int_eq(handshake_cookie_read(&b->initiator, &b->held, packet, sizeof(packet), 0),
                         CRYPTO_TAKEN);
        begin(b);
        same("initiation_2", b->initiation, sizeof(b->initiation));
}
END_TEST

/* --- refusals */

START_TEST(each_changed_bit_of_an_initiation_is_refused)
{
        bench_init(&bench);
        ck_assert(bench_begin(&bench));
        /* mac2 is looked at only under load (test_cookie.c). */
        const unsigned end = HANDSHAKE_INITIATION - COOKIE_MAC;
        for (unsigned bit = 0; bit < 8 * end; bit++) {
                bench.initiation[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_int_eq(bench_admit(&bench), CRYPTO_REFUSED_MAC);
                bench.initiation[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert_int_eq(bench_admit(&bench), CRYPTO_TAKEN);
}
END_TEST

/* Makes mac1 right again, as only a member can. */
static void mac_repair(uint8_t *packet, size_t length, size_t macs, const struct identity *to)
{
        size_t at = length - macs * COOKIE_MAC;
        cookie_mac1(packet + at, to->mac_key, packet, at);
}

START_TEST(each_changed_bit_is_refused_even_from_a_member)
{
        struct bench *b = &bench;
        bench_init(b);
        ck_assert(bench_begin(b));
        for (unsigned bit = 8 * HANDSHAKE_HEADER; bit < 8 * (HANDSHAKE_INITIATION - 2 * COOKIE_MAC);
             bit++) {
                b->initiation[bit / 8] ^= (uint8_t)(1 << bit % 8);
                mac_repair(b->initiation, sizeof(b->initiation), 2, &b->b);
                b->jar = (struct cookie_jar){0};
                enum crypto_refusal refusal = bench_admit(b);
                if (!refusal)
                        refusal = bench_read(b);
                ck_assert_msg(refusal == CRYPTO_REFUSED_AUTHENTICATION ||
                                  refusal == CRYPTO_REFUSED_IDENTITY ||
                                  refusal == CRYPTO_REFUSED_LENGTH,
                              "bit %u: %s", bit, crypto_refusal_text(refusal));
                b->initiation[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}
END_TEST

START_TEST(a_version_that_was_changed_on_the_way_is_refused)
{
        bench_init(&bench);
        ck_assert(bench_begin(&bench));
        bench.initiation[0] ^= 3 << 4;
        mac_repair(bench.initiation, sizeof(bench.initiation), 2, &bench.b);
        ck_assert_int_eq(bench_admit(&bench), CRYPTO_TAKEN);
        ck_assert_int_eq(bench_read(&bench), CRYPTO_REFUSED_AUTHENTICATION);
}
END_TEST

START_TEST(each_changed_bit_of_a_response_is_refused_and_the_true_one_taken_then)
{
        struct bench *b = &bench;
        bench_init(b);
        ck_assert(bench_begin(b) && !bench_admit(b) && !bench_read(b) && !bench_answer(b));
        for (unsigned bit = 0; bit < 8 * HANDSHAKE_RESPONSE; bit++) {
                b->response[bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_int_eq(bench_finish(b), CRYPTO_REFUSED_MAC);
                mac_repair(b->response, sizeof(b->response), 1, &b->a);
                bool covered =
                    bit >= 8 * HANDSHAKE_HEADER && bit < 8 * (HANDSHAKE_RESPONSE - COOKIE_MAC);
                if (covered)
                        ck_assert_int_eq(bench_finish(b), CRYPTO_REFUSED_AUTHENTICATION);
                b->response[bit / 8] ^= (uint8_t)(1 << bit % 8);
                mac_repair(b->response, sizeof(b->response), 1, &b->a);
        }
        ck_assert_int_eq(bench_finish(b), CRYPTO_TAKEN);
        keys_agree(b);
}
END_TEST

START_TEST(other_lengths_are_refused)
{
        struct bench *b = &bench;
        static uint8_t packet[2 * HANDSHAKE_INITIATION];
        bench_init(b);
        ck_assert(bench_begin(b));
        memcpy(packet, b->initiation, sizeof(b->initiation));
        for (size_t length = 0; length < sizeof(packet); length++) {
                enum crypto_refusal refusal =
                    handshake_admit(&b->b, &b->jar, ADDRESS_A, PORT_A, packet, length, 0);
                ck_assert_int_eq(refusal == CRYPTO_TAKEN, length == HANDSHAKE_INITIATION);
                if (length != HANDSHAKE_RESPONSE)
                        ck_assert_int_eq(
                            handshake_finish(&b->initiator, &b->a, packet, length, &b->of_a),
                            CRYPTO_REFUSED_LENGTH);
                if (length != HANDSHAKE_COOKIE)
                        ck_assert_int_eq(
                            handshake_cookie_read(&b->initiator, &b->held, packet, length, 0),
                            CRYPTO_REFUSED_LENGTH);
        }
}
END_TEST

START_TEST(a_node_without_the_clusters_key_is_refused_at_once)
{
        uint8_t psk[32] = {1};
        bench_init(&bench);
        bench_node(&bench.a, 100, psk);
        ck_assert(bench_begin(&bench));
        ck_assert_int_eq(bench_admit(&bench), CRYPTO_REFUSED_MAC);
}
END_TEST

START_TEST(a_member_cannot_pass_for_another)
{
        /* C, a member, says that it is A. */
        struct bench *b = &bench;
        uint8_t name[NOISE_KEY];
        bench_init(b);
        uint64_t a = b->a.node;
        memcpy(name, b->a.pair.public_key, NOISE_KEY);
        bench_node(&b->a, 500, b->b.psk);
        memcpy(b->offer.epoch, b->a.epoch, IDENTITY_EPOCH);
        b->a.node = a;
        ck_assert(bench_begin(b));
        ck_assert_int_eq(bench_admit(b), CRYPTO_TAKEN);
        ck_assert_int_eq(handshake_read(&b->responder, &b->b, name, b->initiation, &b->read),
                         CRYPTO_REFUSED_IDENTITY);
        /* And with A's public key, but not its secret one. */
        memcpy(b->a.pair.public_key, name, NOISE_KEY);
        ck_assert(bench_begin(b));
        ck_assert_int_eq(bench_admit(b), CRYPTO_TAKEN);
        ck_assert_int_eq(bench_read(b), CRYPTO_REFUSED_AUTHENTICATION);
}
END_TEST

START_TEST(another_cluster_with_the_same_key_is_refused)
{
        bench_init(&bench);
        bench.a.cluster++;
        ck_assert(bench_begin(&bench));
        ck_assert_int_eq(bench_admit(&bench), CRYPTO_TAKEN);
        ck_assert_int_eq(bench_read(&bench), CRYPTO_REFUSED_AUTHENTICATION);
}
END_TEST

START_TEST(an_initiation_to_an_earlier_life_is_refused)
{
        bench_init(&bench);
        memcpy(bench.offer.peer_epoch, bench.b.epoch, IDENTITY_EPOCH);
        ck_assert(bench_run(&bench));
        bench.b.epoch[3]++;
        ck_assert_int_eq(bench_read(&bench), CRYPTO_REFUSED_STALE);
}
END_TEST

START_TEST(a_repeated_initiation_is_refused)
{
        struct freshness freshness = {0};
        bench_init(&bench);
        ck_assert(bench_run(&bench));
        ck_assert_int_eq(freshness_check(&freshness, bench.read.epoch, bench.read.attempt),
                         CRYPTO_TAKEN);
        freshness_answered(&freshness, bench.read.epoch, bench.read.attempt);
        ck_assert(!bench_admit(&bench) && !bench_read(&bench));
        ck_assert_int_eq(freshness_check(&freshness, bench.read.epoch, bench.read.attempt),
                         CRYPTO_REFUSED_REPEATED);
}
END_TEST

START_TEST(a_response_to_an_earlier_attempt_is_refused)
{
        uint8_t earlier[HANDSHAKE_RESPONSE], random[32] = {9};
        struct bench *b = &bench;
        bench_init(b);
        ck_assert(bench_begin(b) && !bench_admit(b) && !bench_read(b) && !bench_answer(b));
        memcpy(earlier, b->response, sizeof(earlier));
        b->offer.attempt++;
        ck_assert(handshake_begin(&b->initiator, &b->a, b->b.pair.public_key, INDEX_A, &b->offer,
                                  &b->held, random, b->initiation, 0));
        ck_assert_int_eq(bench_finish(b), CRYPTO_REFUSED_AUTHENTICATION);
        ck_assert(!bench_read(b) && !bench_answer(b) && !bench_finish(b));
        keys_agree(b);
}
END_TEST

START_TEST(a_response_counts_once)
{
        bench_init(&bench);
        ck_assert(bench_run(&bench));
        ck_assert_int_ne(bench_finish(&bench), CRYPTO_TAKEN);
}
END_TEST

/* --- roles, ciphers, key log */

START_TEST(one_of_two_crossed_handshakes_goes_on)
{
        bench_init(&bench);
        const uint8_t *a = bench.a.pair.public_key, *b = bench.b.pair.public_key;
        ck_assert_int_ne(identity_first(a, b), identity_first(b, a));
        uint8_t low[32] = {1, 255}, high[32] = {2, 0};
        ck_assert(identity_first(high, low) && !identity_first(low, high));
}
END_TEST

START_TEST(the_cipher_that_costs_both_least_is_taken)
{
        const struct {
                uint32_t ours[CIPHERS], theirs[CIPHERS];
                enum cipher chosen;
        } cases[] = {
            {{10, 30}, {10, 30}, CIPHER_CHACHA20_POLY1305},
            {{30, 10}, {30, 10}, CIPHER_AES_256_GCM},
            {{30, 10}, {30, 100}, CIPHER_CHACHA20_POLY1305},
            {{30, 0}, {30, 10}, CIPHER_CHACHA20_POLY1305},
            {{30, 10}, {0, 50}, CIPHER_AES_256_GCM},
            {{UINT32_MAX, UINT32_MAX}, {UINT32_MAX, 5}, CIPHER_AES_256_GCM},
            {{5, 5}, {5, 5}, CIPHER_CHACHA20_POLY1305},
            {{0, 5}, {5, 0}, CIPHERS},
            {{0, 0}, {5, 5}, CIPHERS},
        };
        for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                ck_assert_int_eq(cipher_choose(cases[i].ours, cases[i].theirs), cases[i].chosen);
}
END_TEST

START_TEST(without_a_common_cipher_there_is_no_session)
{
        bench_init(&bench);
        bench.costs[CIPHER_CHACHA20_POLY1305] = 0;
        bench.costs[CIPHER_AES_256_GCM] = 5;
        ck_assert(bench_begin(&bench) && !bench_admit(&bench) && !bench_read(&bench));
        ck_assert_int_eq(bench_answer(&bench), CRYPTO_REFUSED_CIPHER);
}
END_TEST

START_TEST(a_cipher_that_was_not_offered_is_refused)
{
        bench_init(&bench);
        ck_assert(bench_begin(&bench) && !bench_admit(&bench) && !bench_read(&bench));
        bench.read.costs[CIPHER_AES_256_GCM] = 1;
        bench.costs[CIPHER_AES_256_GCM] = 1;
        ck_assert_int_eq(bench_answer(&bench), CRYPTO_TAKEN);
        ck_assert_int_eq(bench_finish(&bench), CRYPTO_REFUSED_CIPHER);
}
END_TEST

START_TEST(a_line_of_the_key_log_says_what_was_written)
{
        char line[KEYLOG_LINE + 1];
        struct keylog_session session;
        bench_init(&bench);
        ck_assert(bench_run(&bench));
        size_t length = keylog_write(line, &bench.of_a, INDEX_A, INDEX_B);
        ck_assert(keylog_read(line, length, &session));
        ck_assert_mem_eq(session.ephemeral, bench.initiation + 32, NOISE_KEY);
        ck_assert_uint_eq(session.initiator_index, INDEX_A);
        ck_assert_uint_eq(session.responder_index, INDEX_B);
        ck_assert_int_eq(session.cipher, bench.of_a.cipher);
        ck_assert_mem_eq(session.from_initiator, bench.of_a.split.from_initiator, NOISE_KEY);
        ck_assert_mem_eq(session.from_responder, bench.of_a.split.from_responder, NOISE_KEY);
        line[length] = '0';
        for (size_t other = 0; other <= length + 1; other++)
                ck_assert_int_eq(keylog_read(line, other, &session), other == length);
        memcpy(line + length, " 00", 3);
        ck_assert(!keylog_read(line, length + 3, &session));
}
END_TEST

START_TEST(every_refusal_has_a_text)
{
        for (enum crypto_refusal i = 0; i < CRYPTO_REFUSALS; i++)
                ck_assert_uint_gt(strlen(crypto_refusal_text(i)), 5);
        ck_assert_str_eq(crypto_refusal_text(CRYPTO_REFUSALS), "unknown");
}
END_TEST

Suite *handshake_suite(void)
{
        Suite *suite = suite_create("handshake");
        TCase *tests = tcase_create("handshake");
        tcase_add_test(tests, each_side_learns_what_the_other_says);
        tcase_add_test(tests, packets_are_those_of_the_protocol);
        tcase_add_test(tests, cookies_are_those_of_the_protocol);
        tcase_add_test(tests, each_changed_bit_of_an_initiation_is_refused);
        tcase_add_test(tests, each_changed_bit_is_refused_even_from_a_member);
        tcase_add_test(tests, a_version_that_was_changed_on_the_way_is_refused);
        tcase_add_test(tests,
                       each_changed_bit_of_a_response_is_refused_and_the_true_one_taken_then);
        tcase_add_test(tests, other_lengths_are_refused);
        tcase_add_test(tests, a_node_without_the_clusters_key_is_refused_at_once);
        tcase_add_test(tests, a_member_cannot_pass_for_another);
        tcase_add_test(tests, another_cluster_with_the_same_key_is_refused);
        tcase_add_test(tests, an_initiation_to_an_earlier_life_is_refused);
        tcase_add_test(tests, a_repeated_initiation_is_refused);
        tcase_add_test(tests, a_response_to_an_earlier_attempt_is_refused);
        tcase_add_test(tests, a_response_counts_once);
        tcase_add_test(tests, one_of_two_crossed_handshakes_goes_on);
        tcase_add_test(tests, the_cipher_that_costs_both_least_is_taken);
        tcase_add_test(tests, without_a_common_cipher_there_is_no_session);
        tcase_add_test(tests, a_cipher_that_was_not_offered_is_refused);
        tcase_add_test(tests, a_line_of_the_key_log_says_what_was_written);
        tcase_add_test(tests, every_refusal_has_a_text);
        suite_add_tcase(suite, tests);
        return suite;
}
