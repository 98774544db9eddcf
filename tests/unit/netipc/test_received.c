/* The window of packet numbers, and ACK frames made from it. */
#include <string.h>

#include "netipc/core/frames/frame.h"
#include "netipc/core/received.h"
#include "tests/unit/netipc/lab.h"

static void note(struct received *received, uint64_t number)
{
        ck_assert(!received_before(received, number));
        received_note(received, number, 1, 0);
}

static struct wire_frame ack_of(struct received *received, uint8_t *bytes, size_t room)
{
        struct wire_frame frame;
        size_t used, length = ack_write(received, bytes, room, 7, 0);
        ck_assert_int_eq(wire_frame_decode(bytes, length, &frame, &used), WIRE_OK);
        ck_assert_uint_eq(used, length);
        return frame;
}

START_TEST(each_number_is_new_once)
{
        struct received received = {0};
        ck_assert(received_before(&received, 0));
        for (uint64_t number = 1; number < 3000; number++) {
                note(&received, number);
                ck_assert(received_before(&received, number));
        }
}
END_TEST

START_TEST(what_is_too_old_counts_as_received)
{
        struct received received = {0};
        note(&received, RECEIVED_WINDOW + 5);
        ck_assert(received_before(&received, 5));
        ck_assert(!received_before(&received, 6));
        note(&received, 1ull << 60);
        ck_assert(!received_before(&received, (1ull << 60) - 1));
        ck_assert(received_before(&received, RECEIVED_WINDOW + 5));
}
END_TEST

START_TEST(gaps_become_ranges)
{
        struct received received = {0};
        uint8_t bytes[200];
        for (uint64_t number = 1; number <= 200; number++)
                if (number != 7 && (number < 130 || number > 140))
                        note(&received, number);
        struct wire_frame frame = ack_of(&received, bytes, sizeof(bytes));
        ck_assert_uint_eq(frame.ack.largest, 200);
        ck_assert_uint_eq(frame.ack.first, 60);
        ck_assert_uint_eq(frame.ack.credit, 7);
        ck_assert_uint_eq(frame.ack.range_count, 2);
        ck_assert_uint_eq(wire_ack_range_at(frame.payload, 0).gap, 11);
        ck_assert_uint_eq(wire_ack_range_at(frame.payload, 0).length, 122);
        ck_assert_uint_eq(wire_ack_range_at(frame.payload, 1).gap, 1);
        ck_assert_uint_eq(wire_ack_range_at(frame.payload, 1).length, 6);
}
END_TEST

START_TEST(ranges_stop_where_the_room_ends)
{
        struct received received = {0};
        uint8_t bytes[64];
        for (uint64_t number = 1; number <= 100; number += 2)
                note(&received, number);
        struct wire_frame frame = ack_of(&received, bytes, sizeof(struct wire_ack) + 9);
        ck_assert_uint_eq(frame.ack.range_count, 2);
        ck_assert_uint_eq(ack_write(&received, bytes, 23, 7, 0), 0);
}
END_TEST

START_TEST(second_packet_and_disorder_are_acknowledged_at_once)
{
        struct received received = {0};
        note(&received, 1);
        ck_assert(!received_ack_due(&received, 246, 0));
        ck_assert(received_ack_due(&received, 246, ACK_DELAY));
        note(&received, 2);
        ck_assert(received_ack_due(&received, 246, 0));
        uint8_t bytes[64];
        ack_of(&received, bytes, sizeof(bytes));
        ck_assert(!received_ack_due(&received, 246, CORE_NEVER));
        note(&received, 5);
        ck_assert(received_ack_due(&received, 246, 0));
}
END_TEST

/* How many more packets, of so many places each, a run of them is acknowledged for. */
static unsigned run_acknowledged(struct received *received, uint16_t credit, unsigned places)
{
        uint8_t bytes[64];
        unsigned count = 0;
        ack_of(received, bytes, sizeof(bytes));
        do
                received_note(received, received->largest + 1, places, 0);
        while (++count < 100 && !received_ack_due(received, credit, 0));
        return count;
}

/* The window of who sent them has grown meanwhile; but it is no larger than the credit. */
START_TEST(long_run_without_a_gap_is_acknowledged_for_several_packets)
{
        struct received received = {0};
        note(&received, 1);
        ck_assert_uint_eq(run_acknowledged(&received, 246, 1), ACK_EVERY);
        while (received.largest <= ACK_RUN)
                note(&received, received.largest + 1);
        ck_assert_uint_eq(run_acknowledged(&received, 246, 1), ACK_TOGETHER);
        ck_assert_uint_eq(run_acknowledged(&received, 20, 1), 5);
        ck_assert_uint_eq(run_acknowledged(&received, 4, 1), ACK_EVERY);
        ck_assert_uint_eq(run_acknowledged(&received, 246, 3), 3);
        ck_assert_uint_eq(run_acknowledged(&received, 246, 7), ACK_EVERY);
        note(&received, received.largest + 2);
        ck_assert_uint_eq(run_acknowledged(&received, 246, 1), ACK_EVERY);
}
END_TEST

/* The peer takes the delay from its round trip: of the newest packet, not of whatever came last. */
START_TEST(acknowledgement_says_how_long_the_newest_was_held_back)
{
        struct received received = {0};
        struct wire_ack ack;
        uint8_t bytes[64];
        received_note(&received, 1, 1, 500 * MICROSECOND);
        received_note(&received, 3, 1, 900 * MICROSECOND);
        received_note(&received, 2, 1, 1000 * MICROSECOND);
        ck_assert_uint_gt(ack_write(&received, bytes, sizeof(bytes), 7, 1300 * MICROSECOND), 0);
        memcpy(&ack, bytes, sizeof(ack));
        ck_assert_uint_eq(ack.largest, 3);
        ck_assert_uint_eq(ack.delay, 400);
}
END_TEST

/* A repeated packet that there is no room for is reported once. */
START_TEST(what_finds_no_room_is_reported_once)
{
        struct received received = {0};
        uint8_t frames[4 * sizeof(struct wire_busy)];
        for (unsigned i = 0; i < 6; i++)
                received_busy(&received, 1 + i / 2);
        ck_assert(received_ack_due(&received, 246, 0));
        ck_assert_uint_eq(busy_write(&received, frames, sizeof(frames)),
                          3 * sizeof(struct wire_busy));
        ck_assert(!received_ack_due(&received, 246, 0));
}
END_TEST

START_TEST(gap_ends_the_first_range_as_long_as_it_is_in_sight)
{
        struct received received = {0};
        uint8_t bytes[200];
        note(&received, 1);
        note(&received, 4);
        note(&received, 2); /* 3 never comes */
        for (uint64_t number = 5; number < 300; number++) {
                note(&received, number);
                struct wire_frame frame = ack_of(&received, bytes, sizeof(bytes));
                ck_assert_uint_eq(frame.ack.first, number - 3 < SENT_RING ? number - 3 : SENT_RING);
        }
}
END_TEST

/* What is acknowledged without a gap is the same, remembered or searched for, in whatever order
 * packets come. */
START_TEST(first_range_is_right_in_any_order)
{
        enum { NUMBERS = 3000, AHEAD = 40 };
        static bool came[NUMBERS + AHEAD];
        struct received received = {0};
        uint64_t random = (uint64_t)_i;
        uint8_t bytes[200];
        memset(came, 0, sizeof(came));
        for (uint64_t number = 1; number < NUMBERS; number++) {
                random = random * 6364136223846793005ull + 1442695040888963407ull;
                uint64_t one = number % 512 < 300 ? number : number + (random >> 33) % AHEAD;
                if (came[one] || (random >> 40) % 64 == 0)
                        continue;
                came[one] = true;
                note(&received, one);
                struct wire_frame frame = ack_of(&received, bytes, sizeof(bytes));
                uint64_t low = received.largest;
                while (low > 1 && came[low - 1] && received.largest - low + 1 < SENT_RING)
                        low--;
                ck_assert_uint_eq(frame.ack.first, received.largest - low + 1);
        }
}
END_TEST

Suite *received_suite(void)
{
        Suite *suite = suite_create("received");
        TCase *tests = tcase_create("received");
        tcase_add_test(tests, what_finds_no_room_is_reported_once);
        tcase_add_test(tests, each_number_is_new_once);
        tcase_add_test(tests, acknowledgement_says_how_long_the_newest_was_held_back);
        tcase_add_test(tests, what_is_too_old_counts_as_received);
        tcase_add_test(tests, gaps_become_ranges);
        tcase_add_test(tests, ranges_stop_where_the_room_ends);
        tcase_add_test(tests, second_packet_and_disorder_are_acknowledged_at_once);
        tcase_add_test(tests, long_run_without_a_gap_is_acknowledged_for_several_packets);
        tcase_add_test(tests, gap_ends_the_first_range_as_long_as_it_is_in_sight);
        tcase_add_loop_test(tests, first_range_is_right_in_any_order, 0, 8);
        suite_add_tcase(suite, tests);
        return suite;
}
