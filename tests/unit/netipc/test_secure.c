/* Sealed sessions: how they begin, what ends them, and what does not. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/secure.h"
#include "tests/unit/netipc/lab.h"

static unsigned type_of(const struct lab_packet *packet)
{
        return packet->bytes[0] & 15;
}

/* What was last seen of each type, from each node. */
static struct lab_packet seen[LAB_NODES][16];
static unsigned count[LAB_NODES][16];

static bool watch(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        seen[packet->from][type_of(packet)] = *packet;
        count[packet->from][type_of(packet)]++;
        return true;
}

static void watch_begin(struct lab *lab)
{
        memset(seen, 0, sizeof(seen));
        memset(count, 0, sizeof(count));
        lab->filter = watch;
}

/* Gives a packet to a node once more, as from its sender. */
static void again(struct lab *lab, const struct lab_packet *packet)
{
        struct core_address from = {packet->from + 1, WIRE_UDP_PORT};
        ck_assert_uint_gt(packet->length, 0);
        core_packet_in(lab->node[packet->to].core, from, packet->bytes, packet->length, lab->now);
        core_flush(lab->node[packet->to].core, lab->now);
}

static void call_and_answer(struct lab *lab, unsigned from, unsigned to)
{
        struct core_message message = lab_message(42), answer = lab_message(43);
        ck_assert(core_call(lab->node[from].core, lab->node[from].root[to], &message, 7, NULL,
                            lab->now) == OUTCOME_OK);
        unsigned before = lab->node[from].completions;
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_delivered(lab, to)->message.word[0], 42);
        core_reply(lab->node[to].core, lab_delivered(lab, to)->call, OUTCOME_OK, &answer, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[from].completions, before + 1);
        ck_assert_uint_eq(lab_completed(lab, from)->message.word[0], 43);
}

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

START_TEST(repeated_packets_of_all_kinds_change_nothing)
{
        struct lab *lab = lab_make_sealed(2);
        watch_begin(lab);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 500);
        call_and_answer(lab, 0, 1);
        static struct lab_packet kept[LAB_NODES][16];
        memcpy(kept, seen, sizeof(kept));
        unsigned up = lab->node[0].up + lab->node[1].up;
        unsigned down = lab->node[0].down + lab->node[1].down;
        for (unsigned round = 0; round < 3; round++) {
                for (unsigned from = 0; from < 2; from++)
                        for (unsigned type = 1; type < 16; type++)
                                if (kept[from][type].length)
                                        again(lab, &kept[from][type]);
                lab_run(lab, 200);
        }
        ck_assert_uint_eq(lab->node[0].up + lab->node[1].up, up);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, down);
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

START_TEST(packets_of_an_earlier_session_change_nothing)
{
        struct lab *lab = lab_make_sealed(2);
        watch_begin(lab);
        call_and_answer(lab, 1, 0);
        static struct lab_packet kept[LAB_NODES][16];
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 500);
        memcpy(kept, seen, sizeof(kept)); /* handshake of the second life */
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab_run(lab, 500);
        unsigned up = lab->node[0].up, down = lab->node[0].down;
        for (unsigned from = 0; from < 2; from++)
                for (unsigned type = 1; type < 16; type++)
                        if (kept[from][type].length)
                                again(lab, &kept[from][type]);
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[0].up, up);
        ck_assert_uint_eq(lab->node[0].down, down);
        call_and_answer(lab, 0, 1);
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

/* The first packet of the initiator is kept away from the responder. */
static struct lab_packet delayed;

static bool delay_first(struct lab *lab, struct lab_packet *packet)
{
        bool first = type_of(packet) == PACKET_SEALED;
        if (first && !delayed.length)
                delayed = *packet;
        (void)lab;
        return !first;
}

START_TEST(a_delayed_first_packet_begins_no_session_that_the_peer_does_not_have)
{
        struct lab *lab = lab_make_sealed(2);
        memset(&delayed, 0, sizeof(delayed));
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab->filter = delay_first;
        lab_run(lab, 200);
        ck_assert_uint_gt(delayed.length, 0);
        lab->filter = NULL;
        lab_run(lab, 4000); /* whoever had a session lost it; both meet anew */
        call_and_answer(lab, 0, 1);
        unsigned down = lab->node[0].down + lab->node[1].down;
        again(lab, &delayed);
        lab_run(lab, 3000);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, down);
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

/* Node 1 is heard of by node 0 only once it has begun a handshake itself. */
static struct lab_packet unheard;

static bool keep_initiation(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        if (packet->from == 1 && type_of(packet) == PACKET_INITIATION)
                unheard = *packet;
        return packet->from == 0;
}

static bool watch_without_beacons(struct lab *lab, struct lab_packet *packet)
{
        watch(lab, packet);
        return packet->from == 0 || type_of(packet) != PACKET_HELLO;
}

START_TEST(a_late_initiation_of_an_earlier_life_takes_no_answer_from_the_true_one)
{
        struct lab *lab = lab_make_sealed(2);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab->filter = keep_initiation;
        lab_run(lab, 1200);
        ck_assert_uint_gt(unheard.length, 0);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        watch_begin(lab);
        lab->filter = watch_without_beacons;
        while (count[0][PACKET_RESPONSE] == 0)
                lab_step(lab);
        again(lab, &unheard);
        lab_run(lab, 100);
        ck_assert(lab_session(lab, 0, 1) && lab_session(lab, 1, 0));
        ck_assert_uint_eq(lab_session(lab, 0, 1)->remote_index,
                          lab_session(lab, 1, 0)->local_index);
        ck_assert_uint_eq(lab->node[0].core->secure->refused[CRYPTO_REFUSED_AWAITED], 1);
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

/* Nothing comes of the late one, but for the time that the answer to it is kept. */
START_TEST(a_late_initiation_that_comes_first_only_delays)
{
        struct lab *lab = lab_make_sealed(2);
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab->filter = keep_initiation;
        lab_run(lab, 1200);
        lab_crash(lab, 1);
        again(lab, &unheard);
        lab_start(lab, 1);
        lab->filter = NULL;
        lab_run(lab, 1000);
        call_and_answer(lab, 0, 1);
        lab_free(lab);
}
END_TEST

START_TEST(an_answer_is_good_for_as_long_as_its_initiator_waits)
{
        struct lab *lab = lab_make_sealed(2);
        memset(&delayed, 0, sizeof(delayed));
        lab_crash(lab, 1);
        lab_start(lab, 1);
        lab->filter = delay_first;
        lab_run(lab, 100);
        unsigned to = delayed.to;
        lab_crash(lab, delayed.from);
        lab->filter = NULL;
        lab_run(lab, 2500);
        unsigned up = lab->node[to].up;
        again(lab, &delayed);
        ck_assert_uint_eq(lab->node[to].up, up);
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
        tcase_add_test(tests, repeated_packets_of_all_kinds_change_nothing);
        tcase_add_test(tests, each_refusal_is_counted_by_its_reason);
        tcase_add_test(tests, packets_of_an_earlier_session_change_nothing);
        tcase_add_test(tests, a_changed_bit_of_a_sealed_packet_is_refused);
        tcase_add_test(tests, a_delayed_first_packet_begins_no_session_that_the_peer_does_not_have);
        tcase_add_test(tests,
                       a_late_initiation_of_an_earlier_life_takes_no_answer_from_the_true_one);
        tcase_add_test(tests, a_late_initiation_that_comes_first_only_delays);
        tcase_add_test(tests, an_answer_is_good_for_as_long_as_its_initiator_waits);
        tcase_add_test(tests, nodes_meet_though_packets_are_lost);
        tcase_add_test(tests, a_session_outlives_its_key_phases);
        tcase_add_test(tests, with_the_key_log_every_packet_of_a_session_can_be_read_in_all_phases);
        tcase_add_test(tests, without_memory_there_is_no_session_and_later_one);
        tcase_add_test(tests, a_flood_of_initiations_ends_in_cookies_and_peers_meet_all_the_same);
        suite_add_tcase(suite, tests);
        return suite;
}
