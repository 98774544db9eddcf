/* The size of packets: found by probes, kept as long as they arrive, and never believed. */
#include "netipc/core/path.h"
#include "netipc/core/packet.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

enum {
        SEARCHED_MS = 1000,
        STEPS_MOST = 100000,
};

static const struct path *path_of(struct lab *lab, unsigned from, unsigned to)
{
        return &lab_session(lab, from, to)->path;
}

/* So many calls with 64 KiB from n1 to n2, which answers them. */
static void calls_carry(struct lab *lab, unsigned count)
{
        struct lab_node *caller = &lab->node[0], *server = &lab->node[1];
        unsigned answered = 0;
        lab_forget(caller);
        lab_forget(server);
        for (unsigned i = 0; i < count; i++)
                lab_send(lab, i, WIRE_BYTES_MAX, false);
        for (unsigned step = 0; caller->completions < count; step++) {
                ck_assert_uint_lt(step, STEPS_MOST);
                for (; answered < server->deliveries; answered++)
                        core_reply(server->core, server->delivery[answered].call, OUTCOME_OK, NULL,
                                   lab->now);
                lab_step(lab);
        }
        for (unsigned i = 0; i < count; i++)
                ck_assert_uint_eq(caller->completion[i].outcome, OUTCOME_OK);
}

static unsigned sent_packets, probes, longest;

static bool count_sizes(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        if (packet->from != 0)
                return true;
        sent_packets++;
        probes += lab_frames(packet, FRAME_PROBE, 0);
        if (packet->length > longest)
                longest = (unsigned)packet->length;
        return true;
}

/* What n1 sends is counted from now on. */
static void count(struct lab *lab)
{
        lab->filter = count_sizes;
        sent_packets = probes = longest = 0;
}

START_TEST(large_packets_are_found_and_used)
{
        for (unsigned sealed = 0; sealed < 2; sealed++) {
                struct lab *lab = lab_make_large(2, sealed, WIRE_PACKET_MAX, 0);
                ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_PACKET_GRANULES);
                ck_assert_uint_eq(path_of(lab, 1, 0)->size, WIRE_PACKET_GRANULES);
                count(lab);
                calls_carry(lab, 4);
                ck_assert_uint_eq(longest, WIRE_PACKET_MAX);
                ck_assert_uint_lt(sent_packets, 4 * 8 + 20);
                lab_free(lab);
        }
}
END_TEST

/* Whatever the path takes between the least and the most is found, in whole granules. */
START_TEST(each_size_is_found)
{
        for (unsigned granules = WIRE_SHORT; granules <= WIRE_PACKET_GRANULES; granules++) {
                size_t path = wire_packet_size(granules) + granules * 5;
                struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, path);
                lab_run(lab, SEARCHED_MS);
                ck_assert_uint_eq(path_of(lab, 0, 1)->size, granules);
                count(lab);
                calls_carry(lab, 2);
                ck_assert_uint_eq(lab_session(lab, 0, 1)->sent.lost_count, 0);
                lab_free(lab);
        }
}
END_TEST

/* What both ends say that they take is only what is tried first. */
START_TEST(a_path_that_takes_less_than_both_ends_costs_no_window_and_no_message)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, WIRE_PACKET_BASE);
        uint32_t window = lab_session(lab, 0, 1)->sent.window;
        lab_run(lab, SEARCHED_MS);
        ck_assert_uint_ge(lab->too_large, 2 * 2 * PATH_TRIES);
        ck_assert_uint_ge(lab_session(lab, 0, 1)->sent.window, window);
        ck_assert_uint_eq(lab_session(lab, 0, 1)->sent.lost_count, 0);
        calls_carry(lab, 4);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_SHORT);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

START_TEST(nothing_larger_than_the_peer_takes_is_tried)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        lab_crash(lab, 1);
        lab->packet_size = (uint16_t)wire_packet_size(9);
        count(lab);
        lab_start(lab, 1);
        lab_run(lab, SEARCHED_MS);
        calls_carry(lab, 2);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, 9);
        ck_assert_uint_eq(path_of(lab, 1, 0)->size, 9);
        ck_assert_uint_le(longest, wire_packet_size(9));
        lab_free(lab);
}
END_TEST

/* A node that takes no more than the least sends no probe, and gets none. */
START_TEST(without_large_packets_there_are_no_probes)
{
        struct lab *lab = lab_make(2);
        count(lab);
        lab_run(lab, SEARCHED_MS);
        ck_assert_uint_eq(probes, 0);
        ck_assert_uint_le(longest, WIRE_PACKET_BASE);
        lab_free(lab);
}
END_TEST

/* Packets of the least size still pass, so the peer lives; nothing is lost for good. */
START_TEST(a_path_that_begins_to_swallow_large_packets_gets_small_ones)
{
        for (unsigned sealed = 0; sealed < 2; sealed++) {
                struct lab *lab = lab_make_large(2, sealed, WIRE_PACKET_MAX, 0);
                calls_carry(lab, 2);
                lab_path(lab, WIRE_PACKET_BASE);
                uint64_t begin = lab->now;
                calls_carry(lab, 4);
                ck_assert_uint_lt(lab->now - begin, 600 * LAB_MS);
                ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_SHORT);
                ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
                lab_free(lab);
        }
}
END_TEST

START_TEST(a_path_that_takes_large_packets_again_is_found_again)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        lab_path(lab, WIRE_PACKET_BASE);
        calls_carry(lab, 4);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_SHORT);
        lab_path(lab, wire_packet_size(12));
        lab_run(lab, PATH_PAUSE_MIN / LAB_MS + SEARCHED_MS);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, 12);
        lab_path(lab, 0);
        lab_run(lab, 2 * PATH_PAUSE_MIN / LAB_MS + SEARCHED_MS);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_PACKET_GRANULES);
        lab_free(lab);
}
END_TEST

/* … each time after a longer pause: in ten seconds at 0, 1, 3 and 7 s, with three tries each of
 * two sizes: all that both take, and what Ethernets do. */
START_TEST(what_does_not_go_is_tried_ever_more_seldom)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, WIRE_PACKET_BASE);
        lab_run(lab, SEARCHED_MS / 2);
        lab->filter = count_sizes;
        unsigned before = lab->too_large;
        lab_run(lab, 10000);
        ck_assert_uint_eq(lab->too_large - before, 2 * 3 * 2 * PATH_TRIES);
        lab_free(lab);
}
END_TEST

/* Losses that do not care for the size are no black hole. */
START_TEST(a_path_that_loses_packets_of_all_sizes_keeps_large_ones)
{
        for (unsigned seed = 0; seed < 8; seed++) {
                struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
                lab->loss_random = seed;
                lab->loss = 3;
                for (unsigned i = 0; i < 8; i++)
                        calls_carry(lab, 6);
                ck_assert_uint_gt(lab_session(lab, 0, 1)->sent.lost_count, 0);
                ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_PACKET_GRANULES);
                lab_free(lab);
        }
}
END_TEST

/* Here each is of one packet. */
START_TEST(flights_that_follow_each_other_count_each)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        struct session *session = lab_session(lab, 0, 1);
        lab_run(lab, 200);
        for (unsigned i = 0; i < PATH_FLIGHTS; i++) {
                struct sent_packet packet = {.large = true, .number = session->sent.next++};
                ck_assert_uint_gt(session->path.size, WIRE_SHORT);
                path_lost(session, &packet, lab->now);
        }
        ck_assert_uint_eq(session->path.size, WIRE_SHORT);
        lab_free(lab);
}
END_TEST

/* Of a window that is lost as a whole, what was sent later arrives: also if that comes again. */
START_TEST(one_lost_flight_is_no_black_hole)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        for (unsigned i = 0; i < PATH_FLIGHTS; i++) {
                unsigned lost = lab->too_large, noticed = lab_session(lab, 0, 1)->sent.lost_count;
                lab_send(lab, i, WIRE_BYTES_MAX, false);
                lab_path(lab, WIRE_PACKET_BASE);
                core_flush(lab->node[0].core, lab->now);
                ck_assert_uint_ge(lab->too_large, lost + 3);
                lab_path(lab, 0);
                lab_run(lab, SEARCHED_MS);
                ck_assert_uint_gt(lab_session(lab, 0, 1)->sent.lost_count, noticed);
                ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_PACKET_GRANULES);
        }
        lab_free(lab);
}
END_TEST

/* The receive ring of a peer has a buffer for each place. */
START_TEST(a_large_packet_takes_as_many_places_as_its_receiver_has_buffers_for_it)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        struct session *session = lab_session(lab, 0, 1);
        session->sent.window = 128;
        session->sent.credit = 20;
        lab_send(lab, 0, WIRE_BYTES_MAX, false);
        count(lab);
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(sent_packets, 4);
        ck_assert_uint_eq(session->sent.in_flight, 4 * WIRE_PLACES_MAX);
        lab_free(lab);
}
END_TEST

/* What such a packet goes beyond the credit, a node with many peers has no room for. */
START_TEST(large_packets_go_only_to_whom_gives_much_credit)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        core_set_credit(lab->node[1].core, WIRE_CREDIT_LARGE - 1);
        lab_run(lab, 1000);
        count(lab);
        calls_carry(lab, 2);
        ck_assert_uint_gt(longest, WIRE_PACKET_BASE);
        lab_send(lab, 0, WIRE_BYTES_MAX, false);
        lab_run(lab, 1000);
        ck_assert_uint_le(wire_packet_size(path_of(lab, 0, 1)->size), WIRE_PLACE);
        ck_assert_uint_eq(path_of(lab, 1, 0)->size, WIRE_PACKET_GRANULES);
        core_set_credit(lab->node[1].core, WIRE_CREDIT_LARGE);
        lab_run(lab, SEARCHED_MS);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_PACKET_GRANULES);
        lab_free(lab);
}
END_TEST

/* Another driver, another card. */
START_TEST(what_the_node_itself_takes_may_change)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        core_set_packet_size(lab->node[0].core, wire_packet_size(6) + 1);
        count(lab);
        calls_carry(lab, 2);
        ck_assert_uint_gt(longest, WIRE_PACKET_BASE);
        ck_assert_uint_le(longest, wire_packet_size(6));
        core_set_packet_size(lab->node[0].core, SIZE_MAX);
        lab_run(lab, SEARCHED_MS);
        ck_assert_uint_eq(path_of(lab, 0, 1)->size, WIRE_PACKET_GRANULES);
        lab_free(lab);
}
END_TEST

/* As long as a probe time-out has no answer, large packets may be why. */
START_TEST(what_is_sent_after_a_probe_time_out_is_small)
{
        struct lab *lab = lab_make_large(2, false, WIRE_PACKET_MAX, 0);
        lab_send(lab, 0, WIRE_BYTES_MAX, false);
        core_flush(lab->node[0].core, lab->now);
        lab->cut[0][1] = true;
        lab->packets = 0;
        while (lab_session(lab, 0, 1)->sent.timeouts == 0)
                lab_step(lab);
        ck_assert_uint_eq(path_packet_size(lab_session(lab, 0, 1)), WIRE_PACKET_BASE);
        lab_free(lab);
}
END_TEST

Suite *path_suite(void)
{
        Suite *suite = suite_create("path");
        TCase *tests = tcase_create("path");
        tcase_set_timeout(tests, 60);
        tcase_add_test(tests, large_packets_are_found_and_used);
        tcase_add_test(tests, each_size_is_found);
        tcase_add_test(tests, a_path_that_takes_less_than_both_ends_costs_no_window_and_no_message);
        tcase_add_test(tests, nothing_larger_than_the_peer_takes_is_tried);
        tcase_add_test(tests, without_large_packets_there_are_no_probes);
        tcase_add_test(tests, a_path_that_begins_to_swallow_large_packets_gets_small_ones);
        tcase_add_test(tests, a_path_that_takes_large_packets_again_is_found_again);
        tcase_add_test(tests, what_does_not_go_is_tried_ever_more_seldom);
        tcase_add_test(tests, a_path_that_loses_packets_of_all_sizes_keeps_large_ones);
        tcase_add_test(tests, flights_that_follow_each_other_count_each);
        tcase_add_test(tests, one_lost_flight_is_no_black_hole);
        tcase_add_test(tests,
                       a_large_packet_takes_as_many_places_as_its_receiver_has_buffers_for_it);
        tcase_add_test(tests, large_packets_go_only_to_whom_gives_much_credit);
        tcase_add_test(tests, what_the_node_itself_takes_may_change);
        tcase_add_test(tests, what_is_sent_after_a_probe_time_out_is_small);
        suite_add_tcase(suite, tests);
        return suite;
}
