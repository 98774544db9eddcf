/* A pair of sockets: each end receives what the other sends, and rights come with the byte that
 * they were sent with, to whoever receives that. */
#include "tests/unit/stream/suites.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "servers/stream/pair.h"

enum { READER = 11, WRITER = 21, RIGHT = 100, MARK = 7 };

static struct pair pair;
static uint8_t *rings[PAIR_ENDS];

static void setup(void)
{
        for (int i = 0; i < PAIR_ENDS; i++)
                rings[i] = malloc(PIPE_BYTES);
        pair_begin(&pair, SOCKET_STREAM, rings);
}

static void teardown(void)
{
        for (int i = 0; i < PAIR_ENDS; i++)
                free(rings[i]);
}

static void send_text(unsigned end, const char *text, uint64_t mark)
{
        size_t done;
        ck_assert_int_eq(
            pair_send(&pair, end, WRITER, (const uint8_t *)text, strlen(text), mark, &done),
            PIPE_DONE);
        ck_assert_uint_eq(done, strlen(text));
}

static struct arrived receive(unsigned end, const char *text)
{
        uint8_t got[64];
        struct arrived arrived;
        ck_assert_int_eq(pair_receive(&pair, end, READER, got, sizeof got, &arrived), PIPE_DONE);
        ck_assert_uint_eq(arrived.length, strlen(text));
        ck_assert_int_eq(memcmp(got, text, arrived.length), 0);
        return arrived;
}

static uint64_t pass(unsigned end, uint64_t mark, uint64_t right)
{
        const struct passed passed = {.right = right};
        uint64_t displaced;
        return pair_pass(&pair, end, mark, &passed, &displaced) ? displaced : UINT64_MAX;
}

static void expect_claim(unsigned end, uint64_t mark, uint64_t right)
{
        struct passed passed = {0};
        ck_assert(pair_claim(&pair, end, mark, &passed) == (right != 0));
        ck_assert_uint_eq(passed.right, right);
}

START_TEST(each_end_receives_what_the_other_sends)
{
        send_text(0, "to one", 0);
        send_text(1, "to zero", 0);
        receive(1, "to one");
        receive(0, "to zero");
        ck_assert(pair_is_empty(&pair, 0) && pair_is_empty(&pair, 1));
}
END_TEST

START_TEST(rights_come_with_the_byte_that_they_were_sent_with)
{
        send_text(0, "plain", 0);
        ck_assert_uint_eq(pass(0, MARK, RIGHT), 0);
        ck_assert_uint_eq(pass(0, MARK, RIGHT + 1), 0);
        ck_assert_uint_eq(pass(0, MARK + 1, RIGHT + 2), 0);
        ck_assert_uint_eq(pair_staged(&pair, 0, MARK), 2);
        send_text(0, "two", MARK);
        send_text(0, "one", MARK + 1);
        send_text(0, "none", 0);
        ck_assert_uint_eq(receive(1, "plain").rights, 0);
        struct arrived two = receive(1, "two"), one = receive(1, "one");
        ck_assert_uint_eq(two.rights, 2);
        ck_assert_uint_eq(one.rights, 1);
        ck_assert_uint_eq(receive(1, "none").rights, 0);
        expect_claim(1, two.mark, RIGHT);
        expect_claim(1, one.mark, RIGHT + 2);
        expect_claim(1, two.mark, RIGHT + 1);
        expect_claim(1, two.mark, 0);
        expect_claim(0, one.mark, 0);
}
END_TEST

START_TEST(what_is_left_of_a_message_with_rights_ends_with_it)
{
        uint8_t got[3];
        struct arrived arrived;
        pass(0, MARK, RIGHT);
        send_text(0, "rights", MARK);
        send_text(0, "plain", 0);
        pair_receive(&pair, 1, READER, got, sizeof got, &arrived);
        ck_assert_uint_eq(arrived.rights, 1);
        ck_assert(!pair_is_bound(&pair, 1));
        ck_assert_uint_eq(receive(1, "hts").rights, 0);
        ck_assert(pair_is_bound(&pair, 1));
        receive(1, "plain");
}
END_TEST

START_TEST(what_has_not_arrived_comes_again)
{
        pass(0, MARK, RIGHT);
        send_text(0, "again", MARK);
        struct arrived arrived = receive(1, "again");
        pair_return(&pair, 1, &arrived);
        ck_assert_uint_eq(receive(1, "again").rights, 1);
}
END_TEST

START_TEST(what_is_peeked_at_stays)
{
        uint8_t got[8];
        send_text(0, "ab", 0);
        pass(0, MARK, RIGHT);
        send_text(0, "cd", MARK);
        ck_assert_uint_eq(pair_peek(&pair, 1, got, sizeof got).length, 2);
        receive(1, "ab");
        ck_assert_uint_eq(receive(1, "cd").rights, 1);
}
END_TEST

START_TEST(rights_that_nobody_asks_for_give_way)
{
        for (unsigned i = 0; i < PAIR_RIGHTS; i++)
                ck_assert_uint_eq(pass(0, MARK + i, RIGHT + i), 0);
        send_text(0, "a", MARK);
        ck_assert_uint_eq(pass(0, MARK + 20, RIGHT + 20), RIGHT + 1);
        receive(1, "a");
        ck_assert_uint_eq(pass(0, MARK + 21, RIGHT + 21), RIGHT + 2);
        for (unsigned i = 3; i < PAIR_RIGHTS; i++)
                send_text(0, "b", MARK + i);
        send_text(0, "c", MARK + 20);
        send_text(0, "d", MARK + 21);
        ck_assert_uint_eq(pass(0, MARK, RIGHT), UINT64_MAX);
}
END_TEST

START_TEST(a_right_that_was_received_stays_until_its_receiver_must_be_gone)
{
        pass(0, MARK, RIGHT);
        send_text(0, "a", MARK);
        struct arrived arrived = receive(1, "a");
        for (unsigned i = 1; i < PAIR_RIGHTS; i++) {
                pass(0, MARK + i, RIGHT + i);
                send_text(0, "b", MARK + i);
        }
        ck_assert_uint_eq(pass(0, MARK, RIGHT + 20), UINT64_MAX);
        expect_claim(1, arrived.mark, RIGHT);
        ck_assert_uint_eq(pass(0, MARK, RIGHT + 20), 0);
        send_text(0, "c", MARK);
        receive(1, "b"); /* and its right is never claimed */
        ck_assert_uint_eq(pass(0, MARK, RIGHT + 21), UINT64_MAX);
        for (unsigned i = 0; i < PAIR_PATIENCE; i++) {
                send_text(1, "d", 0);
                receive(0, "d");
        }
        ck_assert_uint_eq(pass(0, MARK, RIGHT + 21), UINT64_MAX);
        send_text(1, "e", 0);
        receive(0, "e");
        ck_assert_uint_eq(pass(0, MARK, RIGHT + 21), RIGHT + 1);
}
END_TEST

START_TEST(what_will_not_be_sent_is_taken_back)
{
        pass(0, MARK, RIGHT);
        send_text(0, "a", MARK);
        pass(0, MARK, RIGHT + 1);
        pass(0, MARK + 1, RIGHT + 2);
        pass(0, MARK, RIGHT + 3);
        ck_assert_uint_eq(pair_unpass(&pair, 1, MARK), 0);
        ck_assert_uint_eq(pair_unpass(&pair, 0, MARK), RIGHT + 1);
        ck_assert_uint_eq(pair_unpass(&pair, 0, MARK), RIGHT + 3);
        ck_assert_uint_eq(pair_unpass(&pair, 0, MARK), 0);
        ck_assert_uint_eq(pair_staged(&pair, 0, MARK + 1), 1);
        ck_assert_uint_eq(receive(1, "a").rights, 1);
}
END_TEST

START_TEST(what_nobody_will_claim_is_dropped)
{
        pass(0, MARK, RIGHT);
        send_text(0, "a", MARK);
        pass(0, MARK + 1, RIGHT + 1);
        pass(1, MARK + 2, RIGHT + 2);
        ck_assert_uint_eq(pair_right_left(&pair), 0);
        ck_assert(!pair_close(&pair, 0));
        ck_assert_uint_eq(pair_right_left(&pair), RIGHT + 2); /* of it, for it: nobody receives */
        ck_assert_uint_eq(pair_right_left(&pair), RIGHT + 1); /* its sender is gone */
        ck_assert_uint_eq(pair_right_left(&pair), 0);
        ck_assert_uint_eq(receive(1, "a").rights, 1);
        ck_assert_uint_eq(pair_right_left(&pair), 0);
        ck_assert(pair_close(&pair, 1));
        ck_assert_uint_eq(pair_right_left(&pair), RIGHT);
        ck_assert_uint_eq(pair_right_left(&pair), 0);
}
END_TEST

START_TEST(a_side_that_is_shut_is_at_its_end)
{
        size_t done, count;
        bool broken;
        uint8_t byte;
        struct arrived arrived;
        send_text(0, "last", 0);
        pair_shut(&pair, 0, false, true);
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, &byte, 1, 0, &done), PIPE_BROKEN);
        receive(1, "last");
        receive(1, "");
        send_text(1, "back", 0);
        receive(0, "back");
        ck_assert_int_eq(pair_receive(&pair, 0, READER, &byte, 1, &arrived), PIPE_LATER);
        pair_shut(&pair, 0, true, false);
        ck_assert_uint_eq(pair_reader_due(&pair, 0, &count), READER);
        ck_assert_int_eq(pair_send(&pair, 1, WRITER, &byte, 1, 0, &done), PIPE_BROKEN);
        ck_assert_uint_eq(pair_writer_due(&pair, 1, &broken), 0);
}
END_TEST

START_TEST(who_waits_for_room_is_told_that_the_end_is_shut)
{
        static const uint8_t bytes[PIPE_BYTES];
        size_t done;
        bool broken;
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, bytes, PIPE_BYTES, 0, &done), PIPE_DONE);
        ck_assert(pair_is_full(&pair, 0, 1));
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, bytes, 1, 0, &done), PIPE_LATER);
        ck_assert_uint_eq(pair_writer_due(&pair, 0, &broken), 0);
        pair_shut(&pair, 0, false, true);
        ck_assert(!pair_is_full(&pair, 0, 1));
        ck_assert_uint_eq(pair_writer_due(&pair, 0, &broken), WRITER);
        ck_assert(broken);
}
END_TEST

START_TEST(an_end_is_ready_as_poll_says_it)
{
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLOUT);
        const uint64_t before = pair_ready(&pair, 0).progress;
        send_text(1, "x", 0);
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLIN | POLLOUT);
        ck_assert_uint_ne(pair_ready(&pair, 0).progress, before);
        receive(0, "x");
        pair_shut(&pair, 1, false, true);
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLIN | POLLRDHUP | POLLOUT);
        pair_close(&pair, 1);
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLIN | POLLRDHUP | POLLHUP | POLLOUT);
}
END_TEST

/* ---- records --------------------------------------------------------------------------------- */

static void setup_packets(void)
{
        setup();
        pair = (struct pair){0};
        pair_begin(&pair, SOCKET_PACKETS, rings);
}

static void setup_datagrams(void)
{
        setup();
        pair = (struct pair){0};
        pair_begin(&pair, SOCKET_DATAGRAMS, rings);
}

static void send_record(unsigned end, const char *text, uint64_t mark)
{
        size_t done;
        ck_assert_int_eq(
            pair_send(&pair, end, WRITER, (const uint8_t *)text, strlen(text), mark, &done),
            PIPE_DONE);
        ck_assert_uint_eq(done, BORDER_BYTES + strlen(text));
}

START_TEST(each_record_is_received_by_itself)
{
        uint8_t got[3];
        struct arrived arrived;
        send_record(0, "one", 0);
        send_record(0, "", 0);
        send_record(0, "three", 0);
        send_record(0, "four", 0);
        ck_assert_uint_eq(pair_available(&pair, 1), pair.type == SOCKET_DATAGRAMS ? 3 : 12);
        ck_assert_uint_eq(pair_peek(&pair, 1, got, 2).whole, 3);
        receive(1, "one");
        receive(1, "");
        pair_receive(&pair, 1, READER, got, sizeof got, &arrived);
        ck_assert_uint_eq(arrived.length, 3);
        ck_assert_uint_eq(arrived.whole, 5);
        receive(1, "four");
        ck_assert(pair_is_empty(&pair, 1));
}
END_TEST

START_TEST(a_record_that_has_not_arrived_comes_again_with_its_rights)
{
        send_record(0, "plain", 0);
        pass(0, MARK, RIGHT);
        send_record(0, "", MARK);
        receive(1, "plain");
        struct arrived arrived = receive(1, "");
        ck_assert_uint_eq(arrived.rights, 1);
        pair_return(&pair, 1, &arrived);
        arrived = receive(1, "");
        ck_assert_uint_eq(arrived.rights, 1);
        expect_claim(1, arrived.mark, RIGHT);
}
END_TEST

/* The ring's end lies within each part of a record once. */
START_TEST(records_of_all_lengths_go_around_the_ring)
{
        static uint8_t sent[RECORD_MOST], got[RECORD_MOST];
        struct arrived arrived;
        size_t done;
        for (size_t i = 0; i < 4 * PIPE_BYTES; i++) {
                const size_t length = i * 37 % (i % 64 ? 61 : RECORD_MOST + 1);
                memset(sent, (int)i, length);
                ck_assert_int_eq(pair_send(&pair, 0, WRITER, sent, length, 0, &done), PIPE_DONE);
                ck_assert_int_eq(pair_receive(&pair, 1, READER, got, sizeof got, &arrived),
                                 PIPE_DONE);
                ck_assert_uint_eq(arrived.length, length);
                ck_assert_int_eq(memcmp(sent, got, length), 0);
        }
}
END_TEST

START_TEST(who_waits_to_send_a_record_waits_for_room_for_the_longest)
{
        static uint8_t bytes[RECORD_MOST];
        struct arrived arrived;
        size_t done;
        bool broken;
        pair_send(&pair, 0, WRITER, bytes, 5000, 0, &done);
        pair_send(&pair, 0, WRITER, bytes, 5000, 0, &done);
        ck_assert(pair_is_full(&pair, 0, RECORD_MOST) && !pair_is_full(&pair, 0, 6000));
        ck_assert(!(pair_ready(&pair, 0).events & POLLOUT));
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, bytes, RECORD_MOST, 0, &done), PIPE_LATER);
        ck_assert_uint_eq(pair_writer_due(&pair, 0, &broken), 0);
        pair_receive(&pair, 1, READER, bytes, 1, &arrived);
        ck_assert_uint_eq(pair_writer_due(&pair, 0, &broken), WRITER);
        ck_assert(!broken && pair_ready(&pair, 0).events & POLLOUT);
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, bytes, RECORD_MOST, 0, &done), PIPE_DONE);
}
END_TEST

START_TEST(packets_end_and_what_was_not_received_is_told_once)
{
        size_t done;
        send_record(1, "kept", 0);
        send_record(0, "unread", 0);
        pair_close(&pair, 1);
        ck_assert_uint_eq(pair_ready(&pair, 0).events,
                          POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR);
        ck_assert(pair_reset(&pair, 0, true) && !pair_reset(&pair, 0, true));
        receive(0, "kept");
        receive(0, "");
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, (const uint8_t *)"x", 1, 0, &done),
                         PIPE_BROKEN);
}
END_TEST

START_TEST(a_datagrams_end_is_not_told)
{
        struct arrived arrived;
        uint8_t byte = 0;
        size_t done, count;
        send_record(0, "unread", 0);
        ck_assert_int_eq(pair_receive(&pair, 0, READER, &byte, 1, &arrived), PIPE_LATER);
        pair_close(&pair, 1);
        ck_assert(!pair_reset(&pair, 0, true) && pair_is_empty(&pair, 0));
        ck_assert_uint_eq(pair_reader_due(&pair, 0, &count), 0);
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLOUT);
        ck_assert_int_eq(pair_send(&pair, 0, WRITER, &byte, 1, 0, &done), PIPE_BROKEN);
        pair_shut(&pair, 0, true, false);
        ck_assert_uint_eq(pair_reader_due(&pair, 0, &count), READER);
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLIN | POLLOUT | POLLRDHUP);
        pair_shut(&pair, 0, false, true);
        ck_assert_uint_eq(pair_ready(&pair, 0).events, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
        ck_assert(pair_close(&pair, 0));
}
END_TEST

/* What a stream has left is received first. */
START_TEST(a_stream_is_told_of_what_was_not_received_at_its_end)
{
        send_text(1, "kept", 0);
        send_text(0, "unread", 0);
        pair_close(&pair, 1);
        ck_assert(!pair_reset(&pair, 0, true) && !pair_reset(&pair, 0, false));
        receive(0, "kept");
        ck_assert(!pair_reset(&pair, 0, false) && pair_reset(&pair, 0, true));
        receive(0, "");
}
END_TEST

Suite *pair_suite(void)
{
        Suite *suite = suite_create("pair");
        TCase *tests = tcase_create("pair");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, each_end_receives_what_the_other_sends);
        tcase_add_test(tests, rights_come_with_the_byte_that_they_were_sent_with);
        tcase_add_test(tests, what_is_left_of_a_message_with_rights_ends_with_it);
        tcase_add_test(tests, what_has_not_arrived_comes_again);
        tcase_add_test(tests, what_is_peeked_at_stays);
        tcase_add_test(tests, rights_that_nobody_asks_for_give_way);
        tcase_add_test(tests, a_right_that_was_received_stays_until_its_receiver_must_be_gone);
        tcase_add_test(tests, what_will_not_be_sent_is_taken_back);
        tcase_add_test(tests, what_nobody_will_claim_is_dropped);
        tcase_add_test(tests, a_side_that_is_shut_is_at_its_end);
        tcase_add_test(tests, who_waits_for_room_is_told_that_the_end_is_shut);
        tcase_add_test(tests, an_end_is_ready_as_poll_says_it);
        tcase_add_test(tests, a_stream_is_told_of_what_was_not_received_at_its_end);
        suite_add_tcase(suite, tests);
        TCase *packets = tcase_create("packets"), *datagrams = tcase_create("datagrams");
        tcase_add_checked_fixture(packets, setup_packets, teardown);
        tcase_add_test(packets, each_record_is_received_by_itself);
        tcase_add_test(packets, a_record_that_has_not_arrived_comes_again_with_its_rights);
        tcase_add_test(packets, records_of_all_lengths_go_around_the_ring);
        tcase_add_test(packets, who_waits_to_send_a_record_waits_for_room_for_the_longest);
        tcase_add_test(packets, packets_end_and_what_was_not_received_is_told_once);
        suite_add_tcase(suite, packets);
        tcase_add_checked_fixture(datagrams, setup_datagrams, teardown);
        tcase_add_test(datagrams, each_record_is_received_by_itself);
        tcase_add_test(datagrams, a_datagrams_end_is_not_told);
        suite_add_tcase(suite, datagrams);
        return suite;
}
