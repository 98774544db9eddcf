/* Large messages: which fragment goes next, and how much comes through where packets are lost. */
#include "netipc/core/message.h"
#include "netipc/core/packet.h"
#include "netipc/core/queues.h"
#include "netipc/core/received.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static uint64_t order[64]; /* order numbers of the fragments that n1 has sent */
static unsigned ordered;

static bool note_order(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        struct wire_frame frame;
        size_t used, left = wire_body_length(packet->length);
        const uint8_t *frames = wire_body(packet->bytes);
        for (; left && packet->from == 0; frames += used, left -= used) {
                ck_assert_int_eq(wire_frame_decode(frames, left, &frame, &used), WIRE_OK);
                if (frame.type == FRAME_MSG && ordered < 64)
                        order[ordered++] = frame.msg.order;
        }
        return true;
}

/* An acknowledgement that may wait has more to say than fits beside a fragment, and does not keep
 * that back. */
START_TEST(acknowledgement_leaves_room_for_a_fragment)
{
        struct lab *lab = lab_make(2);
        struct session *session = lab_session(lab, 0, 1);
        for (unsigned i = 0; i < 20; i++)
                received_note(&session->received, session->received.largest + 2, 1, lab->now);
        session->received.unacked = 1;
        session->received.ack_now = false;
        ordered = 0;
        lab->filter = note_order;
        lab_send(lab, 0, 20000, false);
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_ge(ordered, 19);
        lab_free(lab);
}
END_TEST

/* Whether the fragments from `first` on, but for each eighth packet's, are of the message with this
 * order number. */
static void ck_assert_of(unsigned first, unsigned count, uint64_t number)
{
        unsigned others = 0;
        for (unsigned i = first; i < first + count; i++)
                others += order[i] != number;
        ck_assert_uint_le(others, (count + 7) / 8);
}

/* What has least left goes first, equals go one after the other, and what has most left gets on
 * too. */
START_TEST(shortest_remaining_message_goes_first)
{
        struct lab *lab = lab_make(2);
        uint32_t lengths[] = {60000, 5000, 5000, 1};
        ordered = 0;
        lab->filter = note_order;
        lab_session(lab, 0, 1)->sent.window = 64;
        for (unsigned i = 0; i < 4; i++)
                lab_send(lab, 0, lengths[i], false);
        core_flush(lab->node[0].core, lab->now);
        ck_assert_uint_eq(order[0], 4);
        ck_assert_of(1, 5, 2);
        ck_assert_of(6, 5, 3);
        unsigned longest = 0;
        for (unsigned i = 0; i < 11; i++)
                longest += order[i] == 1;
        ck_assert_uint_ge(longest, 1);
        ck_assert_of(12, 20, 1);
        lab_free(lab);
}
END_TEST

/* What is under way stands ahead of the next short message: so where there are such, it is half of
 * the window, which is whole again when there are none. */
START_TEST(long_messages_leave_half_of_the_window_to_short_ones)
{
        struct lab *lab = lab_make(2);
        struct session *session = lab_session(lab, 0, 1);
        struct core *core = lab->node[0].core;
        session->sent.window = 40;
        lab_send(lab, 0, 1, false);
        lab_send(lab, 0, WIRE_BYTES_MAX, false);
        core_flush(core, lab->now);
        ck_assert_uint_eq(session->sent.in_flight, 20);
        lab_send(lab, 0, 1, false);
        core_flush(core, lab->now);
        ck_assert_uint_eq(session->sent.in_flight, 21);
        session->touched = true;
        core_flush(core, lab->now + SHORT_BESIDE);
        ck_assert_uint_eq(session->sent.in_flight, 40);
        lab_free(lab);
}
END_TEST

/* A message that has begun is not passed by its equals because some of it was lost. */
START_TEST(loss_does_not_make_a_message_longer)
{
        struct lab *lab = lab_make(2);
        struct session *session = lab_session(lab, 0, 1);
        for (unsigned i = 0; i < 2; i++)
                lab_send(lab, 0, WIRE_BYTES_MAX, false);
        session->sent.window = 29;
        core_flush(lab->node[0].core, lab->now);
        struct outgoing *first = &session->calls[0].out;
        ck_assert_uint_eq(queue_first_message(session, false), 0);
        ck_assert_uint_lt(outgoing_unsent(first), 32 * WIRE_SHORT);
        first->again +=
            (uint8_t)granules_add(&outgoing_unsettled(first)->again, NULL, 0, first->fresh);
        ck_assert_uint_gt(outgoing_unsent(first), 32 * WIRE_SHORT);
        ck_assert_uint_eq(queue_first_message(session, false), 0);
        lab_free(lab);
}
END_TEST

/* A bulk transfer: calls with 64 KiB each, several under way, answered at once, to a node that
 * takes a packet each 50 µs. Time is simulated, so each figure is the same each time. */
enum { CALLS = 64, UNDER_WAY = 6, SEEDS = 4, STEPS_MOST = 200000 };

/* Simulated time until all calls are answered, where each packet is under way for `delay`. */
static uint64_t bulk_time(unsigned percent, uint64_t delay, unsigned seed)
{
        struct lab *lab = lab_make(2);
        struct lab_node *caller = &lab->node[0], *server = &lab->node[1];
        unsigned started = 0, answered = 0;
        lab->loss_random = seed;
        lab->loss = percent;
        lab->pace = 1;
        lab->delay = delay;
        uint64_t begin = lab->now;
        for (unsigned step = 0; caller->completions < CALLS; step++) {
                ck_assert_uint_lt(step, STEPS_MOST);
                for (; started < CALLS && started - caller->completions < UNDER_WAY; started++)
                        lab_send(lab, 0, WIRE_BYTES_MAX, false);
                for (; answered < server->deliveries; answered++)
                        core_reply(server->core, server->delivery[answered].call, OUTCOME_OK, NULL,
                                   lab->now);
                lab_step(lab);
        }
        for (unsigned i = 0; i < CALLS; i++)
                ck_assert_uint_eq(caller->completion[i].outcome, OUTCOME_OK);
        uint64_t took = lab->now - begin;
        lab_free(lab);
        return took;
}

/* Goodput with so many per cent lost, in per cent of that without loss. */
static uint64_t goodput(unsigned percent, uint64_t delay)
{
        uint64_t whole = 0, lossy_time = 0;
        for (unsigned seed = 0; seed < SEEDS; seed++) {
                whole += bulk_time(0, delay, seed);
                lossy_time += bulk_time(percent, delay, seed);
        }
        return whole * 100 / lossy_time;
}

START_TEST(one_per_cent_lost_costs_little)
{
        ck_assert_uint_ge(goodput(1, LAB_MS / 5), 95);
        ck_assert_uint_ge(goodput(1, LAB_MS), 80);
}
END_TEST

START_TEST(ten_per_cent_lost_leave_most)
{
        ck_assert_uint_ge(goodput(10, LAB_MS / 5), 85);
        ck_assert_uint_ge(goodput(10, LAB_MS), 35);
}
END_TEST

enum { SENDERS = 16, RING = 256, SHARE = 6 };

/* Answers what has come to node 0, and starts what its senders have room for; returns how many of
 * the calls are answered. */
static unsigned incast_step(struct lab *lab, unsigned *started, unsigned *served)
{
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message message = lab_message(1);
        struct lab_node *sink = &lab->node[0];
        unsigned answered = 0;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        for (unsigned i = 1; i <= SENDERS; i++) {
                struct lab_node *node = &lab->node[i];
                answered += node->completions;
                if (started[i] < CALLS / 4 && core_ready(node->core, node->root[0], &message)) {
                        core_call(node->core, node->root[0], &message, started[i], NULL, lab->now);
                        started[i]++;
                }
        }
        for (; *served < sink->deliveries; ++*served)
                core_reply(sink->core, sink->delivery[*served].call, OUTCOME_OK, NULL, lab->now);
        lab_step(lab);
        return answered;
}

/* Sixteen nodes send 1 MiB each to one, all at once: what it has given them as credit fits its
 * ring, so nothing is lost there, and nothing is repeated. */
START_TEST(sixteen_senders_do_not_overflow_one_ring)
{
        struct lab *lab = lab_make_shared(SENDERS + 1, SHARE);
        unsigned started[SENDERS + 1] = {0}, served = 0, step = 0;
        lab->pace = 1;
        lab->ring = RING;
        while (incast_step(lab, started, &served) < SENDERS * CALLS / 4)
                ck_assert_uint_lt(step++, STEPS_MOST);
        ck_assert_uint_eq(lab->overflows, 0);
        ck_assert_uint_le(step, SENDERS * (CALLS / 4) * 60 * 11 / 10);
        for (unsigned i = 1; i <= SENDERS; i++)
                ck_assert_uint_eq(lab_peer(lab, i, 0).lost, 0);
        lab_free(lab);
}
END_TEST

Suite *bulk_suite(void)
{
        Suite *suite = suite_create("bulk");
        TCase *tests = tcase_create("bulk");
        tcase_set_timeout(tests, 120);
        tcase_add_test(tests, loss_does_not_make_a_message_longer);
        tcase_add_test(tests, shortest_remaining_message_goes_first);
        tcase_add_test(tests, long_messages_leave_half_of_the_window_to_short_ones);
        tcase_add_test(tests, acknowledgement_leaves_room_for_a_fragment);
        tcase_add_test(tests, sixteen_senders_do_not_overflow_one_ring);
        tcase_add_test(tests, one_per_cent_lost_costs_little);
        tcase_add_test(tests, ten_per_cent_lost_leave_most);
        suite_add_tcase(suite, tests);
        return suite;
}
