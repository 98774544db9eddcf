/* The Noise handshake against vectors, and against everything that is not one of its messages. */
#include <string.h>

#include "netipc/crypto/noise.h"
#include "tests/unit/crypto/crypto.h"
#include "tests/unit/crypto/vectors.h"

static const char *const groups[] = {"published", "noise.0",  "noise.1",  "noise.63",
                                     "noise.64",  "noise.65", "noise.500"};
enum { GROUPS = sizeof(groups) / sizeof(*groups) };

/* A handshake with the keys of a group of vectors. */
struct played {
        struct vector prologue, psk, payloads[2], ephemerals[2], messages[2];
        struct noise_pair initiator_pair, responder_pair;
        struct noise_terms of_initiator, of_responder;
        struct noise_initiator initiator;
        struct noise_responder responder;
        uint8_t sent[2][VECTOR_MAX], payload[VECTOR_MAX];
        struct noise_split split_initiator, split_responder;
};

static void load(struct played *p, const char *group)
{
        p->prologue = vector(group, "prologue");
        p->psk = vector(group, "psk");
        p->payloads[0] = vector(group, "payload_1");
        p->payloads[1] = vector(group, "payload_2");
        p->ephemerals[0] = vector(group, "ephemeral_i");
        p->ephemerals[1] = vector(group, "ephemeral_r");
        p->messages[0] = vector(group, "message_1");
        p->messages[1] = vector(group, "message_2");
        noise_pair_make(&p->initiator_pair, vector(group, "initiator").bytes);
        noise_pair_make(&p->responder_pair, vector(group, "responder").bytes);
        p->of_initiator = (struct noise_terms){&p->initiator_pair, p->psk.bytes, p->prologue.bytes,
                                               p->prologue.count};
        p->of_responder = p->of_initiator;
        p->of_responder.self = &p->responder_pair;
}

static bool first_write(struct played *p)
{
        return noise_first_write(&p->initiator, &p->of_initiator, p->responder_pair.public_key,
                                 p->ephemerals[0].bytes, p->payloads[0].bytes, p->payloads[0].count,
                                 p->sent[0]);
}

static bool first_read(struct played *p)
{
        return noise_first_read(&p->responder, &p->of_responder, p->sent[0], p->payload,
                                p->payloads[0].count);
}

static bool second_write(struct played *p)
{
        return noise_second_write(&p->responder, &p->of_responder, p->ephemerals[1].bytes,
                                  p->payloads[1].bytes, p->payloads[1].count, p->sent[1],
                                  &p->split_responder);
}

static bool second_read(struct played *p)
{
        return noise_second_read(&p->initiator, &p->of_initiator, p->sent[1], p->payload,
                                 p->payloads[1].count, &p->split_initiator);
}

static void same(const void *bytes, const struct vector *vector)
{
        ck_assert_mem_eq(bytes, vector->bytes, vector->count);
}

START_TEST(messages_and_keys_are_those_of_the_specification)
{
        static struct played p;
        const char *group = groups[_i];
        load(&p, group);
        ck_assert_uint_eq(p.messages[0].count, NOISE_FIRST_OVERHEAD + p.payloads[0].count);
        ck_assert_uint_eq(p.messages[1].count, NOISE_SECOND_OVERHEAD + p.payloads[1].count);
        ck_assert(first_write(&p));
        same(p.sent[0], &p.messages[0]);
        ck_assert(first_read(&p));
        same(p.payload, &p.payloads[0]);
        ck_assert_mem_eq(p.responder.remote_static, p.initiator_pair.public_key, NOISE_KEY);
        ck_assert(second_write(&p));
        same(p.sent[1], &p.messages[1]);
        ck_assert(second_read(&p));
        same(p.payload, &p.payloads[1]);
        ck_assert_mem_eq(&p.split_initiator, &p.split_responder, sizeof(p.split_initiator));
        same(p.split_initiator.from_initiator, &(struct vector[]){vector(group, "key_i")}[0]);
        same(p.split_initiator.from_responder, &(struct vector[]){vector(group, "key_r")}[0]);
        same(p.split_initiator.hash, &(struct vector[]){vector(group, "hash")}[0]);
}
END_TEST

START_TEST(each_bit_of_the_first_message_counts)
{
        static struct played p;
        load(&p, "noise.1");
        ck_assert(first_write(&p));
        for (unsigned bit = 0; bit < 8 * p.messages[0].count; bit++) {
                /* RFC 7748: the highest bit of a coordinate is ignored, but here it is hashed. */
                p.sent[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_msg(!first_read(&p), "bit %u", bit);
                p.sent[0][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert(first_read(&p));
}
END_TEST

START_TEST(each_bit_of_the_second_message_counts_and_the_true_one_is_taken_then)
{
        static struct played p;
        load(&p, "noise.1");
        ck_assert(first_write(&p) && first_read(&p) && second_write(&p));
        for (unsigned bit = 0; bit < 8 * p.messages[1].count; bit++) {
                p.sent[1][bit / 8] ^= (uint8_t)(1 << bit % 8);
                ck_assert_msg(!second_read(&p), "bit %u", bit);
                p.sent[1][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert(second_read(&p));
        ck_assert_mem_eq(&p.split_initiator, &p.split_responder, sizeof(p.split_initiator));
}
END_TEST

START_TEST(another_responder_key_prologue_or_shared_key_is_refused)
{
        static struct played p;
        load(&p, "noise.64");
        ck_assert(first_write(&p));
        struct noise_terms right = p.of_responder;
        p.of_responder.self = &p.initiator_pair;
        ck_assert(!first_read(&p));
        p.of_responder = right;
        p.of_responder.prologue_length--;
        ck_assert(!first_read(&p));
        p.of_responder = right;
        ck_assert(first_read(&p));
        p.of_responder.psk = p.initiator_pair.public_key;
        ck_assert(second_write(&p));
        ck_assert(!second_read(&p));
}
END_TEST

START_TEST(keys_without_order_are_refused_by_every_reader_and_writer)
{
        /* RFC 7748, section 7: the product is zero. 1, like 0, is of small order. */
        static struct played p;
        for (uint8_t x = 0; x < 2; x++) {
                load(&p, "noise.1");
                uint8_t point[NOISE_KEY] = {x};
                ck_assert(!noise_first_write(&p.initiator, &p.of_initiator, point,
                                             p.ephemerals[0].bytes, NULL, 0, p.sent[0]));
                ck_assert(first_write(&p));
                memcpy(p.sent[1], p.sent[0], sizeof(p.sent[0]));
                memcpy(p.sent[0], point, NOISE_KEY);
                ck_assert(!first_read(&p));
                memcpy(p.sent[0], p.sent[1], sizeof(p.sent[0]));
                ck_assert(first_read(&p));
                struct noise_responder good = p.responder;
                memcpy(p.responder.remote_ephemeral, point, NOISE_KEY);
                ck_assert(!second_write(&p));
                p.responder = good;
                ck_assert(second_write(&p));
                memcpy(p.sent[1], point, NOISE_KEY);
                ck_assert(!second_read(&p));
        }
}
END_TEST

START_TEST(secrets_of_a_finished_handshake_are_wiped)
{
        static struct played p;
        static const struct noise_initiator no_initiator;
        static const struct noise_responder no_responder;
        load(&p, "noise.1");
        ck_assert(first_write(&p) && first_read(&p) && second_write(&p) && second_read(&p));
        ck_assert_mem_eq(&p.initiator, &no_initiator, sizeof(no_initiator));
        ck_assert_mem_eq(&p.responder, &no_responder, sizeof(no_responder));
}
END_TEST

Suite *noise_suite(void)
{
        Suite *suite = suite_create("noise");
        TCase *tests = tcase_create("noise");
        tcase_add_loop_test(tests, messages_and_keys_are_those_of_the_specification, 0, GROUPS);
        tcase_add_test(tests, each_bit_of_the_first_message_counts);
        tcase_add_test(tests, each_bit_of_the_second_message_counts_and_the_true_one_is_taken_then);
        tcase_add_test(tests, another_responder_key_prologue_or_shared_key_is_refused);
        tcase_add_test(tests, keys_without_order_are_refused_by_every_reader_and_writer);
        tcase_add_test(tests, secrets_of_a_finished_handshake_are_wiped);
        suite_add_tcase(suite, tests);
        return suite;
}
