/* Sealed sessions: how they begin, what ends them, and what does not. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/secure.h"
#include "tests/unit/netipc/seen.h"

/* The node begins a handshake with its first peer, though a session with it stands. */
static void core_peer_begin(struct lab *lab, unsigned node)
{
        struct core *core = lab->node[node].core;
        core->peers[0].offers = 0;
        core->peers[0].offer_time = secure_begin(core, &core->peers[0], lab->now);
}

START_TEST(calls_are_answered_in_sealed_sessions)
{
        struct lab *lab = lab_make_sealed(3);
        watch_begin(lab);
        call_and_answer(lab, 0, 1);
        call_and_answer(lab, 1, 0);
        call_and_answer(lab, 2, 0);
        for (unsigned i = 0; i < 3; i++) {
                ck_assert_uint_eq(count[i][PACKET_CLEAR], 0);
                ck_assert_uint_gt(count[i][PACKET_SEALED], 0);
                ck_assert_uint_eq(lab->node[i].warnings, 0);
        }
        lab_free(lab);
}
END_TEST

/* Both begin in the same moment, and neither hears of it before it has begun itself. */
START_TEST(of_crossed_initiations_that_of_the_larger_key_goes_on)
{
        struct lab *lab = lab_make_sealed(2);
        uint8_t *keys[] = {lab->keys[0].nodes[0].public_key, lab->keys[0].nodes[1].public_key};
        unsigned larger = identity_first(keys[0], keys[1]) ? 0 : 1;
        unsigned up = lab->node[0].up;
        watch_begin(lab);
        for (unsigned i = 0; i < 2; i++)
                core_peer_begin(lab, i);
        lab_run(lab, 100);
        ck_assert_uint_eq(count[0][PACKET_INITIATION], 1);
        ck_assert_uint_eq(count[1][PACKET_INITIATION], 1);
        ck_assert_uint_eq(count[1 - larger][PACKET_RESPONSE], 1);
        ck_assert_uint_eq(count[larger][PACKET_RESPONSE], 0);
        ck_assert_uint_eq(lab->node[0].up, up + 1);
        ck_assert_uint_eq(lab->node[1].up, up + 1);
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

/* Whether any packet shows eight bytes. */
static uint64_t looked_for;

static bool look(struct lab *lab, struct lab_packet *packet)
{
        for (size_t i = 0; i + sizeof(looked_for) <= packet->length; i++)
                lab->filtered += !memcmp(packet->bytes + i, &looked_for, sizeof(looked_for));
        return true;
}

START_TEST(no_packet_shows_what_a_message_carries)
{
        static uint8_t content[5000];
        looked_for = 0x7365637265747321;
        for (size_t i = 0; i + 8 <= sizeof(content); i += 8)
                memcpy(content + i, &looked_for, 8);
        for (int sealed = 0; sealed < 2; sealed++) {
                struct lab *lab = sealed ? lab_make_sealed(2) : lab_make(2);
                lab->filter = look;
                struct core_message message = lab_message(looked_for);
                message.bytes = content;
                message.length = sizeof(content);
                ck_assert(core_call(lab->node[0].core, lab->node[0].root[1], &message, 7, NULL,
                                    lab->now) == OUTCOME_OK);
                lab_run(lab, 50);
                ck_assert_uint_eq(lab_delivered(lab, 1)->message.length, sizeof(content));
                ck_assert_int_eq(lab->filtered == 0, sealed);
                lab_free(lab);
        }
}
END_TEST

START_TEST(a_node_without_the_clusters_key_meets_nobody)
{
        struct lab *lab = lab_make_sealed(2);
        lab->keys[2].psk[0]++;
        lab_start(lab, 2);
        lab_run(lab, 3000);
        ck_assert_uint_eq(lab->node[2].up, 0);
        ck_assert_uint_eq(lab->node[0].up, 1);
        lab_free(lab);
}
END_TEST

START_TEST(a_member_whose_key_is_not_known_under_its_name_meets_nobody)
{
        /* n1 and n2 have n3's name bound to another key than the one that it has. */
        struct lab *lab = lab_make_sealed(2);
        uint8_t random[NOISE_KEY] = {0, 99};
        noise_pair_make(&lab->keys[2].pair, random);
        memcpy(lab->keys[2].nodes[2].public_key, lab->keys[2].pair.public_key, NOISE_KEY);
        lab->id[2] = identity_short(lab->keys[2].pair.public_key);
        lab_start(lab, 2);
        lab_run(lab, 3000);
        ck_assert_uint_eq(lab->node[2].up, 0);
        ck_assert_uint_gt(lab->node[0].warnings, 0);
        lab_free(lab);
}
END_TEST

START_TEST(a_node_in_clear_and_one_with_keys_do_not_meet)
{
        struct lab *lab = lab_make_sealed(2);
        lab->sealed = false;
        lab_start(lab, 2);
        lab_run(lab, 3000);
        ck_assert_uint_eq(lab->node[2].up, 0);
        lab_free(lab);
}
END_TEST

START_TEST(a_restarted_node_is_met_anew_under_the_same_key)
{
        struct lab *lab = lab_make_sealed(2);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[0].down, 1);
        ck_assert_int_eq(lab->node[0].down_reason, REASON_NODE_RESTARTED);
        ck_assert_uint_eq(lab->node[0].up, 2);
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

/* What a node refuses is counted by its reason. */
START_TEST(each_refusal_is_counted_by_its_reason)
{
        struct lab *lab = lab_make_sealed(2);
        watch_begin(lab);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 500);
        call_and_answer(lab, 0, 1);
        unsigned begun = seen[1][PACKET_RESPONSE].length ? 0 : 1;
        struct lab_packet initiation = seen[begun][PACKET_INITIATION];
        uint64_t *refused = lab->node[1 - begun].core->secure->refused;
        again(lab, &initiation);
        ck_assert_uint_eq(refused[CRYPTO_REFUSED_REPEATED], 1);
        initiation.bytes[40] ^= 1;
        again(lab, &initiation);
        ck_assert_uint_eq(refused[CRYPTO_REFUSED_MAC], 1);
        initiation.length--;
        again(lab, &initiation);
        ck_assert_uint_eq(refused[CRYPTO_REFUSED_LENGTH], 1);
        again(lab, &seen[begun][PACKET_SEALED]);
        ck_assert_uint_eq(refused[CRYPTO_REFUSED_NUMBER], 1);
        /* Another life of the initiator: the one before is over. */
        initiation = seen[begun][PACKET_INITIATION];
        lab_crash(lab, begun);
        lab_start(lab, begun);
        lab_run(lab, 500);
        uint64_t stale = refused[CRYPTO_REFUSED_STALE];
        again(lab, &initiation);
        ck_assert_uint_eq(refused[CRYPTO_REFUSED_STALE], stale + 1);
        lab_free(lab);
}
END_TEST

START_TEST(a_changed_bit_of_a_sealed_packet_is_refused)
{
        struct lab *lab = lab_make_sealed(2);
        watch_begin(lab);
        call_and_answer(lab, 0, 1);
        struct lab_packet packet = seen[0][PACKET_SEALED];
        uint64_t number;
        memcpy(&number, packet.bytes + 8, 8);
        number += 5; /* not used yet */
        memcpy(packet.bytes + 8, &number, 8);
        again(lab, &packet);
        struct secure *secure = lab->node[1].core->secure;
        ck_assert_uint_eq(secure->refused[CRYPTO_REFUSED_AUTHENTICATION], 1);
        again(lab, &seen[0][PACKET_SEALED]);
        ck_assert_uint_eq(secure->refused[CRYPTO_REFUSED_NUMBER], 1);
        ck_assert_uint_eq(lab->node[1].warnings, 1); /* one a second */
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

START_TEST(nodes_meet_though_packets_are_lost)
{
        for (unsigned i = 0; i < 20; i++) {
                struct lab *lab = lab_make_sealed(3);
                lab->loss = 25;
                lab->loss_random = i;
                lab_crash(lab, 1);
                lab_start(lab, 1);
                lab_run(lab, 5000);
                ck_assert_uint_eq(lab_peer(lab, 0, 1).state, CORE_PEER_UP);
                ck_assert_uint_eq(lab_peer(lab, 2, 1).state, CORE_PEER_UP);
                lab_free(lab);
        }
}
END_TEST

START_TEST(a_session_outlives_its_key_phases)
{
        struct lab *lab = lab_make_sealed(2);
        for (unsigned i = 0; i < 3; i++) {
                /* As if the phase had begun long ago. */
                struct session *session = lab_session(lab, 0, 1);
                session->protection->sender.began -= PROTECT_PHASE_TIME;
                call_and_answer(lab, 0, 1);
                call_and_answer(lab, 1, 0);
        }
        ck_assert_uint_eq(lab_session(lab, 0, 1)->protection->sender.phase, 3);
        ck_assert_uint_eq(lab_session(lab, 1, 0)->protection->receiver.phase, 3);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

/* Who has the key log: what goes to the initiator, and what to the responder. */
static struct keylog_session logged;
static struct protect_receiver reader[2];

static bool read_along(struct lab *lab, struct lab_packet *packet)
{
        uint8_t plain[WIRE_PACKET_MAX];
        uint32_t receiver;
        if (type_of(packet) != PACKET_SEALED)
                return true;
        const char *line = lab->node[lab->node[0].key_lines ? 0 : 1].key_line;
        if (!logged.initiator_index) {
                ck_assert(keylog_read(line, strlen(line), &logged));
                protect_receiver_init(&reader[0], logged.cipher, logged.from_responder);
                protect_receiver_init(&reader[1], logged.cipher, logged.from_initiator);
        }
        memcpy(&receiver, packet->bytes + offsetof(struct wire_outer, receiver), sizeof(receiver));
        ck_assert(receiver == logged.initiator_index || receiver == logged.responder_index);
        ck_assert_int_eq(protect_open(&reader[receiver == logged.responder_index], packet->bytes,
                                      packet->length, plain, lab->now),
                         CRYPTO_TAKEN);
        lab->filtered++;
        return true;
}

START_TEST(with_the_key_log_every_packet_of_a_session_can_be_read_in_all_phases)
{
        struct lab *lab = lab_make_sealed(2);
        memset(&logged, 0, sizeof(logged));
        lab_crash(lab, 1);
        lab->node[0].key_lines = lab->node[1].key_lines = 0;
        lab->filter = read_along;
        lab_start(lab, 1);
        lab_run(lab, 100);
        for (unsigned i = 0; i < 3; i++) {
                call_and_answer(lab, 0, 1);
                lab_session(lab, 0, 1)->protection->sender.began -= PROTECT_PHASE_TIME;
                lab_session(lab, 1, 0)->protection->sender.began -= PROTECT_PHASE_TIME;
                call_and_answer(lab, 1, 0);
        }
        ck_assert_uint_gt(lab->filtered, 10);
        ck_assert_uint_ge(reader[0].phase, 2);
        ck_assert_uint_ge(reader[1].phase, 2);
        /* One node of the two gave the line. */
        ck_assert_uint_eq(lab->node[0].key_lines + lab->node[1].key_lines, 1);
        lab_free(lab);
}
END_TEST

START_TEST(without_memory_there_is_no_session_and_later_one)
{
        struct lab *lab = lab_make_sealed(2);
        lab_crash(lab, 1);
        lab->node[0].no_memory = true;
        lab_start(lab, 1);
        lab_run(lab, 1000);
        lab->node[0].no_memory = false;
        lab_run(lab, 4000);
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

START_TEST(a_flood_of_initiations_ends_in_cookies_and_peers_meet_all_the_same)
{
        struct lab *lab = lab_make_sealed(2);
        watch_begin(lab);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 200);
        struct lab_packet *flood = seen[0][PACKET_INITIATION].length ? &seen[0][PACKET_INITIATION]
                                                                     : &seen[1][PACKET_INITIATION];
        unsigned victim = flood->to;
        for (unsigned i = 0; i < 200; i++)
                again(lab, flood);
        ck_assert_uint_gt(count[victim][PACKET_COOKIE], 100);
        lab_crash(lab, 1 - victim);
        lab_start(lab, 1 - victim);
        for (unsigned i = 0; i < 40; i++) {
                for (unsigned j = 0; j < 70; j++)
                        again(lab, flood);
                lab_run(lab, 50);
        }
        ck_assert_uint_eq(lab_peer(lab, victim, 1 - victim).state, CORE_PEER_UP);
        lab_free(lab);
}
END_TEST

Suite *secure_suite(void)
{
        Suite *suite = suite_create("secure");
        TCase *tests = tcase_create("secure");
        tcase_add_test(tests, calls_are_answered_in_sealed_sessions);
        tcase_add_test(tests, of_crossed_initiations_that_of_the_larger_key_goes_on);
        tcase_add_test(tests, no_packet_shows_what_a_message_carries);
        tcase_add_test(tests, a_node_without_the_clusters_key_meets_nobody);
        tcase_add_test(tests, a_member_whose_key_is_not_known_under_its_name_meets_nobody);
        tcase_add_test(tests, a_node_in_clear_and_one_with_keys_do_not_meet);
        tcase_add_test(tests, a_restarted_node_is_met_anew_under_the_same_key);
        tcase_add_test(tests, each_refusal_is_counted_by_its_reason);
        tcase_add_test(tests, a_changed_bit_of_a_sealed_packet_is_refused);
        tcase_add_test(tests, nodes_meet_though_packets_are_lost);
        tcase_add_test(tests, a_session_outlives_its_key_phases);
        tcase_add_test(tests, with_the_key_log_every_packet_of_a_session_can_be_read_in_all_phases);
        tcase_add_test(tests, without_memory_there_is_no_session_and_later_one);
        tcase_add_test(tests, a_flood_of_initiations_ends_in_cookies_and_peers_meet_all_the_same);
        suite_add_tcase(suite, tests);
        return suite;
}
