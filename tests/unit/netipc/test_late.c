/* Packets that come again, or late, where sessions are sealed: they begin no session that the peer
 * does not have, and end none. */
#include <string.h>

#include "netipc/core/secure.h"
#include "tests/unit/netipc/seen.h"

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

Suite *late_suite(void)
{
        Suite *suite = suite_create("late");
        TCase *tests = tcase_create("late");
        tcase_add_test(tests, repeated_packets_of_all_kinds_change_nothing);
        tcase_add_test(tests, packets_of_an_earlier_session_change_nothing);
        tcase_add_test(tests, a_delayed_first_packet_begins_no_session_that_the_peer_does_not_have);
        tcase_add_test(tests,
                       a_late_initiation_of_an_earlier_life_takes_no_answer_from_the_true_one);
        tcase_add_test(tests, a_late_initiation_that_comes_first_only_delays);
        tcase_add_test(tests, an_answer_is_good_for_as_long_as_its_initiator_waits);
        suite_add_tcase(suite, tests);
        return suite;
}
