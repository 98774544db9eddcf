/* Loss detection after RFC 9002, on packets without items. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/received.h"
#include "netipc/core/sent.h"
#include "tests/unit/netipc/lab.h"

static struct session *made(void)
{
        struct session *session = calloc(1, sizeof(*session));
        sent_init(&session->sent, 64);
        return session;
}

static void send_some(struct session *session, unsigned count, uint64_t now)
{
        struct item none = {0};
        for (unsigned i = 0; i < count; i++)
                sent_note(&session->sent, sent_number(session), &none, 0, true, WIRE_PACKET_BASE,
                          now);
}

static bool ack(struct session *session, uint64_t largest, uint32_t first, uint64_t now)
{
        struct wire_frame frame = {
            .ack = {.type = FRAME_ACK, .credit = 64, .largest = largest, .first = first}};
        return sent_acked(session, &frame, now);
}

START_TEST(round_trip_is_measured)
{
        struct session *session = made();
        send_some(session, 1, 0);
        ck_assert(ack(session, 1, 1, 3 * LAB_MS));
        ck_assert_uint_eq(session->sent.srtt, 3 * LAB_MS);
        ck_assert_uint_eq(session->sent.in_flight, 0);
        ck_assert_uint_eq(sent_deadline(&session->sent), CORE_NEVER);
        free(session);
}
END_TEST

/* A delay that is longer than a peer may wait is not believed. */
START_TEST(what_the_peer_held_back_is_no_part_of_the_round_trip)
{
        uint64_t held[] = {ACK_DELAY / 2, 100 * (uint64_t)ACK_DELAY};
        for (unsigned i = 0; i < 2; i++) {
                struct session *session = made();
                struct wire_frame frame = {.ack = {.credit = 64,
                                                   .largest = 1,
                                                   .first = 1,
                                                   .delay = (uint32_t)(held[i] / MICROSECOND)}};
                send_some(session, 1, 0);
                ck_assert(sent_acked(session, &frame, 2 * ACK_DELAY));
                ck_assert_uint_eq(session->sent.srtt, i == 0 ? ACK_DELAY * 3 / 2 : ACK_DELAY);
                free(session);
        }
}
END_TEST

START_TEST(three_later_ones_prove_a_loss)
{
        struct session *session = made();
        send_some(session, 4, 0);
        ck_assert(ack(session, 3, 2, LAB_MS));
        ck_assert_uint_eq(session->sent.lost_count, 0);
        ck_assert(ack(session, 4, 3, LAB_MS));
        ck_assert_uint_eq(session->sent.lost_count, 1);
        ck_assert_uint_eq(session->sent.in_flight, 0);
        free(session);
}
END_TEST

START_TEST(time_proves_a_loss)
{
        struct session *session = made();
        send_some(session, 2, 0);
        ck_assert(ack(session, 2, 1, 8 * LAB_MS));
        ck_assert_uint_eq(session->sent.lost_count, 0);
        ck_assert_uint_eq(sent_deadline(&session->sent), 9 * LAB_MS);
        ck_assert(!sent_tick(session, 9 * LAB_MS));
        ck_assert_uint_eq(session->sent.lost_count, 1);
        free(session);
}
END_TEST

/* A round trip that was longer than usual is waited for at once. */
START_TEST(time_threshold_follows_the_last_round_trip)
{
        struct session *session = made();
        send_some(session, 1, 0);
        ck_assert(ack(session, 1, 1, LAB_MS));
        send_some(session, 2, 10 * LAB_MS);
        ck_assert(ack(session, 3, 1, 18 * LAB_MS));
        ck_assert_uint_eq(session->sent.lost_count, 0);
        ck_assert_uint_eq(sent_deadline(&session->sent), 19 * LAB_MS);
        free(session);
}
END_TEST

/* … but never for less than the millisecond by which neighbours may overtake each other. */
START_TEST(time_threshold_is_a_millisecond_at_least)
{
        struct session *session = made();
        send_some(session, 1, 0);
        ck_assert(ack(session, 1, 1, LAB_MS / 10));
        send_some(session, 2, 10 * LAB_MS);
        ck_assert(ack(session, 3, 1, 10 * LAB_MS + LAB_MS / 10));
        ck_assert_uint_eq(session->sent.lost_count, 0);
        ck_assert_uint_eq(sent_deadline(&session->sent), 11 * LAB_MS);
        free(session);
}
END_TEST

START_TEST(refused_packet_is_no_loss)
{
        struct session *session = made();
        session->parked[0].head = session->parked[1].head = NO_INDEX;
        send_some(session, 3, 0);
        uint32_t window = session->sent.window;
        ck_assert(sent_busy(session, &(struct wire_busy){.number = 2}, LAB_MS));
        ck_assert(sent_busy(session, &(struct wire_busy){.number = 2}, LAB_MS));
        ck_assert_uint_eq(session->sent.in_flight, 2);
        ck_assert_uint_eq(session->sent.window, window);
        ck_assert(!sent_busy(session, &(struct wire_busy){.number = 4}, LAB_MS));
        free(session);
}
END_TEST

/* As long as nothing is known of the way, a loss counts as congestion. */
START_TEST(losses_of_one_flight_halve_the_window_once)
{
        struct session *session = made();
        send_some(session, 20, LAB_MS);
        uint32_t before = session->sent.window;
        ck_assert(ack(session, 20, 1, 2 * LAB_MS));
        ck_assert_uint_eq(session->sent.lost_count, 17);
        ck_assert_uint_eq(session->sent.window, before / 2 + 1);
        free(session);
}
END_TEST

/* Rounds of 20 packets, of which the first so many are lost: returns the window. */
static uint32_t rounds(struct session *session, unsigned count, unsigned lost, uint64_t *now)
{
        while (count--) {
                send_some(session, 20, *now += LAB_MS);
                ck_assert(ack(session, session->sent.next - 1, 20 - lost, *now += LAB_MS));
                ck_assert_uint_eq(session->sent.in_flight, 0);
        }
        return session->sent.window;
}

/* The window shrinks by half of the share that is lost, so that a way which now and then loses a
 * packet is not taken for a full one. */
START_TEST(window_shrinks_by_what_is_lost)
{
        struct session *session = made();
        uint64_t now = LAB_MS;
        uint32_t before = rounds(session, 80, 0, &now);
        ck_assert_uint_eq(before, 128);
        ck_assert_uint_ge(rounds(session, 5, 2, &now), 120);
        before = rounds(session, 100, 2, &now);
        ck_assert_uint_ge(before, 20);
        ck_assert_uint_le(session->sent.loss_share, 1024 / 10);
        ck_assert_uint_le(rounds(session, 20, 15, &now), before / 2);
        ck_assert_uint_ge(session->sent.loss_share, 1024 / 2);
        free(session);
}
END_TEST

START_TEST(silence_brings_probes_with_growing_gaps)
{
        struct session *session = made();
        send_some(session, 1, 0);
        ck_assert(ack(session, 1, 1, LAB_MS));
        send_some(session, 1, 0);
        uint64_t first = sent_deadline(&session->sent);
        ck_assert(sent_tick(session, first));
        ck_assert_uint_eq(session->sent.probes, 2);
        ck_assert_uint_eq(sent_deadline(&session->sent), 2 * first);
        for (unsigned i = 0; i < 5; i++)
                ck_assert(sent_tick(session, sent_deadline(&session->sent)));
        ck_assert_uint_eq(sent_deadline(&session->sent), 60 * LAB_MS);
        ck_assert_uint_eq(session->sent.lost_count, 0);
        free(session);
}
END_TEST

START_TEST(credit_bounds_what_is_under_way)
{
        struct session *session = made();
        struct wire_frame frame = {.ack = {.credit = 2, .largest = 1, .first = 1}};
        session->sent.credit = 1;
        send_some(session, 1, 0);
        ck_assert(sent_acked(session, &frame, LAB_MS));
        send_some(session, 2, LAB_MS);
        ck_assert(!sent_may_send(&session->sent));
        ck_assert(!sent_may_send_control(&session->sent));
        session->sent.credit = 1;
        ck_assert(!sent_may_send_control(&session->sent));
        session->sent.window = 2;
        session->sent.credit = WIRE_CREDIT_LARGE;
        ck_assert(!sent_may_send(&session->sent));
        ck_assert(sent_may_send_control(&session->sent));
        free(session);
}
END_TEST

START_TEST(acknowledging_the_unsent_is_an_error)
{
        struct session *session = made();
        send_some(session, 1, 0);
        ck_assert(!ack(session, 2, 1, 0));
        free(session);
}
END_TEST

START_TEST(full_ring_gives_up_its_oldest)
{
        struct session *session = made();
        send_some(session, SENT_RING + 1, 0);
        ck_assert_uint_eq(session->sent.lost_count, 1);
        ck_assert_uint_eq(session->sent.in_flight, SENT_RING);
        free(session);
}
END_TEST

/* Packets of many small messages find their place, however few there are of them. */
START_TEST(many_items_give_up_the_oldest_packet)
{
        enum { FULL = SENT_NOTES / SENT_ITEMS };
        static const struct item nobodys[SENT_ITEMS];
        struct session *session = made();
        struct sent *sent = &session->sent;
        for (unsigned i = 0; i <= FULL; i++) {
                ck_assert_uint_eq(sent->lost_count, 0);
                sent_note(sent, sent_number(session), nobodys, SENT_ITEMS, true, WIRE_PACKET_BASE,
                          0);
        }
        ck_assert_uint_eq(sent->lost_count, 1);
        ck_assert_uint_eq(sent->in_flight, FULL);
        ck_assert(ack(session, FULL + 1, FULL, 0));
        send_some(session, SENT_RING, 0);
        ck_assert_uint_eq(sent->lost_count, 1);
        free(session);
}
END_TEST

Suite *sent_suite(void)
{
        Suite *suite = suite_create("sent");
        TCase *tests = tcase_create("sent");
        tcase_add_test(tests, round_trip_is_measured);
        tcase_add_test(tests, what_the_peer_held_back_is_no_part_of_the_round_trip);
        tcase_add_test(tests, three_later_ones_prove_a_loss);
        tcase_add_test(tests, time_proves_a_loss);
        tcase_add_test(tests, time_threshold_follows_the_last_round_trip);
        tcase_add_test(tests, time_threshold_is_a_millisecond_at_least);
        tcase_add_test(tests, refused_packet_is_no_loss);
        tcase_add_test(tests, losses_of_one_flight_halve_the_window_once);
        tcase_add_test(tests, window_shrinks_by_what_is_lost);
        tcase_add_test(tests, silence_brings_probes_with_growing_gaps);
        tcase_add_test(tests, credit_bounds_what_is_under_way);
        tcase_add_test(tests, acknowledging_the_unsent_is_an_error);
        tcase_add_test(tests, full_ring_gives_up_its_oldest);
        tcase_add_test(tests, many_items_give_up_the_oldest_packet);
        suite_add_tcase(suite, tests);
        return suite;
}
