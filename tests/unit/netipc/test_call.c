/* Calls and sends: what arrives, how often, in which order, and what the caller learns. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static outcome_t call(struct lab *lab, const struct core_message *message, uint64_t cookie,
                      core_handle_t *handle)
{
        struct lab_node *node = &lab->node[0];
        return core_call(node->core, node->root[1], message, cookie, handle, lab->now);
}

static outcome_t reply(struct lab *lab, outcome_t outcome, const struct core_message *message)
{
        return core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, outcome, message,
                          lab->now);
}

static void drained(struct lab *lab)
{
        for (unsigned i = 0; i < 2; i++) {
                struct core_peer_info info = lab_peer(lab, i, 1 - i);
                ck_assert_uint_eq(info.calls_in, 0);
                ck_assert_uint_eq(info.calls_out, 0);
                ck_assert_uint_eq(info.exports, 0);
                ck_assert_uint_eq(info.imports, 0);
        }
}

START_TEST(call_carries_its_fields_and_is_answered)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(42), answer = lab_message(43);
        message.priority = 5;
        message.trace = 77;
        message.flags = 9;
        message.idempotent = true;
        message.bytes = "hello";
        message.length = 5;
        message.deadline = lab->now + 1000 * LAB_MS;
        ck_assert_uint_eq(call(lab, &message, 11, NULL), OUTCOME_OK);
        lab_run(lab, 2);
        struct lab_delivery *got = lab_delivered(lab, 1);
        ck_assert_uint_eq(got->token, 1001);
        ck_assert_uint_eq(got->message.word[0], 42);
        ck_assert_uint_eq(got->message.priority, 5);
        ck_assert_uint_eq(got->message.trace, 77);
        ck_assert_uint_eq(got->message.flags, 9);
        ck_assert(got->message.idempotent);
        ck_assert_uint_eq(got->message.interface, 3);
        ck_assert_uint_eq(got->message.method, 4);
        ck_assert_uint_le(got->message.deadline, message.deadline + LAB_MS);
        ck_assert_mem_eq(got->bytes, "hello", 5);
        ck_assert_uint_eq(reply(lab, answered(REASON_EXISTS), &answer), OUTCOME_OK);
        ck_assert_uint_eq(reply(lab, OUTCOME_OK, &answer), not_executed(REASON_BAD_HANDLE));
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->cookie, 11);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, answered(REASON_EXISTS));
        ck_assert_uint_eq(lab_completed(lab, 0)->message.word[0], 43);
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(null_call_takes_four_packets_at_most)
{
        struct lab *lab = lab_make(2);
        lab_run(lab, 100);
        uint64_t before = lab_peer(lab, 0, 1).sent + lab_peer(lab, 1, 0).sent;
        struct core_message message = lab_message(1);
        call(lab, &message, 1, NULL);
        lab_run(lab, 1);
        reply(lab, OUTCOME_OK, NULL);
        lab_run(lab, 20);
        ck_assert_uint_le(lab_peer(lab, 0, 1).sent + lab_peer(lab, 1, 0).sent - before, 4);
        lab_free(lab);
}
END_TEST

static bool drop_every_third(struct lab *lab, struct lab_packet *packet)
{
        (void)packet;
        return ++lab->filtered % 3 != 0;
}

START_TEST(largest_message_survives_loss_both_ways)
{
        struct lab *lab = lab_make(2);
        static uint8_t bytes[WIRE_BYTES_MAX];
        for (unsigned i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(i * 31 >> 3);
        struct core_message message = lab_message(1);
        message.words = 8;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        message.caps = 8;
        for (unsigned i = 0; i < 8; i++)
                message.cap[i] = (struct core_cap){.kind = CORE_CAP_NONE, .reason = i + 1u};
        lab->filter = drop_every_third;
        ck_assert_uint_eq(call(lab, &message, 1, NULL), OUTCOME_OK);
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_mem_eq(lab_delivered(lab, 1)->bytes, bytes, sizeof(bytes));
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.cap[7].reason, 8);
        reply(lab, OUTCOME_OK, &message);
        lab_run(lab, 1000);
        ck_assert_mem_eq(lab_completed(lab, 0)->bytes, bytes, sizeof(bytes));
        lab->filter = NULL;
        lab_run(lab, 300);
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(small_calls_pass_a_large_one_of_another_right)
{
        struct lab *lab = lab_make(2);
        static uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message large = lab_message(1), small = lab_message(2);
        large.bytes = bytes;
        large.length = sizeof(bytes);
        small.unordered = true;
        call(lab, &large, 1, NULL);
        call(lab, &small, 2, NULL);
        lab_run(lab, 300);
        ck_assert_uint_eq(lab->node[1].delivery[0].message.word[0], 2);
        ck_assert_uint_eq(lab->node[1].delivery[1].message.word[0], 1);
        lab_free(lab);
}
END_TEST

static bool drop_first_calls(struct lab *lab, struct lab_packet *packet)
{
        return packet->from != 0 || ++lab->filtered > 3;
}

START_TEST(sends_and_calls_through_one_right_keep_their_order)
{
        struct lab *lab = lab_make(2);
        lab->filter = drop_first_calls;
        for (uint64_t i = 1; i <= 12; i++) {
                struct core_message message = lab_message(i);
                if (i % 3)
                        core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
                else
                        call(lab, &message, i, NULL);
                core_flush(lab->node[0].core, lab->now);
        }
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[1].deliveries, 12);
        for (unsigned i = 0; i < 12; i++) {
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i + 1);
                ck_assert_int_eq(lab->node[1].delivery[i].call != 0, i % 3 == 2);
        }
        lab_free(lab);
}
END_TEST

static bool double_all(struct lab *lab, struct lab_packet *packet)
{
        if (lab->packets + 1 < LAB_PACKETS)
                lab->packet[++lab->packets] = *packet;
        return true;
}

static bool lose_acks_of_one(struct lab *lab, struct lab_packet *packet)
{
        return packet->from == 0 || ++lab->filtered > 6;
}

START_TEST(doubled_and_repeated_messages_are_executed_once)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        lab->filter = double_all;
        call(lab, &message, 1, NULL);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab->filter = lose_acks_of_one;
        core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[1].deliveries, 2);
        lab_free(lab);
}
END_TEST

START_TEST(deadline_before_anything_was_sent_is_not_executed)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        message.deadline = lab->now;
        ck_assert_uint_eq(call(lab, &message, 1, NULL), not_executed(REASON_DEADLINE));
        message.deadline = lab->now + LAB_MS;
        ck_assert_uint_eq(call(lab, &message, 1, NULL), OUTCOME_OK);
        lab->now += 2 * LAB_MS; /* no flush between */
        core_tick(lab->node[0].core, lab->now);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_DEADLINE));
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        drained(lab);
        lab_free(lab);
}
END_TEST

/* The receiver's kernel delivers none that comes later. */
START_TEST(one_way_message_carries_what_is_left_of_its_time)
{
        struct lab *lab = lab_make(2);
        struct core *core = lab->node[0].core;
        struct core_message message = lab_message(1);
        message.deadline = lab->now;
        ck_assert_uint_eq(core_send(core, lab->node[0].root[1], &message, lab->now),
                          not_executed(REASON_DEADLINE));
        message.deadline = lab->now + LAB_MS;
        ck_assert_uint_eq(core_send(core, lab->node[0].root[1], &message, lab->now), OUTCOME_OK);
        lab->now += 2 * LAB_MS; /* no flush between */
        core_tick(core, lab->now);
        uint64_t sent = lab->now;
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_le(lab->node[1].delivery[0].message.deadline, sent + LAB_MS);
        message.deadline = lab->now + 50 * LAB_MS;
        ck_assert_uint_eq(core_send(core, lab->node[0].root[1], &message, lab->now), OUTCOME_OK);
        core_flush(core, lab->now);
        lab_run(lab, 10);
        ck_assert_uint_eq(lab->node[1].deliveries, 2);
        ck_assert_uint_gt(lab->node[1].delivery[1].message.deadline, lab->now);
        ck_assert_uint_le(lab->node[1].delivery[1].message.deadline, message.deadline + LAB_MS);
        lab_free(lab);
}
END_TEST

START_TEST(deadline_of_a_running_call_cancels_it_and_drops_the_late_answer)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1), answer = lab_message(2);
        message.deadline = lab->now + 10 * LAB_MS;
        call(lab, &message, 1, NULL);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, perhaps_executed(REASON_DEADLINE));
        ck_assert_uint_eq(lab->node[1].cancels, 1);
        ck_assert_int_eq(lab->node[1].cancel_reason, REASON_DEADLINE);
        answer.caps = 1;
        answer.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 500};
        ck_assert_uint_eq(reply(lab, OUTCOME_OK, &answer), OUTCOME_OK);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[0].completions, 1);
        ck_assert_uint_eq(lab->node[1].drops, 1);
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(cancel_waits_for_the_true_answer)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_handle_t handle;
        call(lab, &message, 1, &handle);
        lab_run(lab, 5);
        core_cancel(lab->node[0].core, handle, lab->now);
        lab_run(lab, 5);
        ck_assert_uint_eq(lab->node[0].completions, 0);
        ck_assert_int_eq(lab->node[1].cancel_reason, REASON_CANCELLED);
        reply(lab, OUTCOME_OK, NULL);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, OUTCOME_OK);
        core_cancel(lab->node[0].core, handle, lab->now); /* finished: ignored */
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(call_that_nobody_waits_for_ends_at_once_and_its_receiver_is_told)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_handle_t handle;
        call(lab, &message, 1, &handle);
        lab_run(lab, 5);
        core_abandon(lab->node[0].core, handle, lab->now);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, perhaps_executed(REASON_DEADLINE));
        lab_run(lab, 5);
        ck_assert_int_eq(lab->node[1].cancel_reason, REASON_DEADLINE);
        reply(lab, OUTCOME_OK, NULL);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[0].completions, 1);
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(cancel_before_sending_ends_at_once_and_keeps_the_order)
{
        struct lab *lab = lab_make(2);
        struct core_message first = lab_message(1), second = lab_message(2);
        core_handle_t handle;
        call(lab, &first, 1, &handle);
        core_cancel(lab->node[0].core, handle, lab->now);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_CANCELLED));
        core_send(lab->node[0].core, lab->node[0].root[1], &second, lab->now);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.word[0], 2);
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(lost_session_tells_sent_from_unsent)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        call(lab, &message, 1, NULL);
        lab_run(lab, 5);
        lab->cut[0][1] = lab->cut[1][0] = true;
        static uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message large = lab_message(2);
        large.bytes = bytes;
        large.length = sizeof(bytes);
        for (unsigned i = 0; i < 4; i++)
                call(lab, &large, 2 + i, NULL);
        lab_run(lab, 2500);
        ck_assert_uint_eq(lab->node[0].completions, 5);
        ck_assert_uint_eq(lab->node[0].completion[0].outcome, perhaps_executed(REASON_NODE_DIED));
        ck_assert_uint_eq(lab->node[0].completion[4].outcome, not_executed(REASON_NODE_DIED));
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(reply(lab, OUTCOME_OK, NULL), not_executed(REASON_BAD_HANDLE));
        ck_assert_uint_eq(call(lab, &message, 9, NULL), not_executed(REASON_NODE_DIED));
        lab_free(lab);
}
END_TEST

START_TEST(slots_are_bounded_and_refusals_come_back)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        for (unsigned i = 0; i < 16; i++)
                ck_assert_uint_eq(call(lab, &message, i, NULL), OUTCOME_OK);
        ck_assert_uint_eq(call(lab, &message, 16, NULL), not_executed(REASON_OVERLOADED));
        lab->node[1].refuse = not_executed(REASON_OVERLOADED);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[0].completions, 16);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_OVERLOADED));
        drained(lab);
        lab_free(lab);
}
END_TEST

START_TEST(without_memory_messages_wait_and_arrive_later)
{
        struct lab *lab = lab_make(2);
        static uint8_t bytes[20000];
        struct core_message message = lab_message(1);
        message.bytes = bytes;
        message.length = sizeof(bytes);
        lab->node[1].no_memory = true;
        call(lab, &message, 1, NULL);
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        lab->node[1].no_memory = false;
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(lab->node[0].down, 0);
        lab->node[0].no_memory = true;
        ck_assert_uint_eq(call(lab, &message, 2, NULL), not_executed(REASON_NO_MEMORY));
        lab->node[0].no_memory = false;
        lab_free(lab);
}
END_TEST

START_TEST(root_that_is_away_says_so_until_there_is_another)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_export_dead(lab->node[1].core, 1001, REASON_RECEIVER_DIED);
        ck_assert_uint_eq(call(lab, &message, 1, NULL), OUTCOME_OK);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_RECEIVER_DIED));
        core_set_root(lab->node[1].core, 1002);
        call(lab, &message, 2, NULL);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab_free(lab);
}
END_TEST

START_TEST(malformed_messages_are_refused_at_once)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        message.words = 9;
        ck_assert_uint_eq(call(lab, &message, 1, NULL), not_executed(REASON_MALFORMED));
        message = lab_message(1);
        message.length = WIRE_BYTES_MAX + 1;
        ck_assert_uint_eq(call(lab, &message, 1, NULL), not_executed(REASON_MALFORMED));
        message = lab_message(1);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_MEMORY, .id = 5};
        ck_assert_uint_eq(call(lab, &message, 1, NULL), not_executed(REASON_REFUSED));
        message = lab_message(1);
        ck_assert_uint_eq(core_call(lab->node[0].core, 12345, &message, 1, NULL, lab->now),
                          not_executed(REASON_BAD_HANDLE));
        lab_free(lab);
}
END_TEST

Suite *call_suite(void)
{
        Suite *suite = suite_create("call");
        TCase *tests = tcase_create("call");
        tcase_set_timeout(tests, 30);
        tcase_add_test(tests, call_carries_its_fields_and_is_answered);
        tcase_add_test(tests, null_call_takes_four_packets_at_most);
        tcase_add_test(tests, largest_message_survives_loss_both_ways);
        tcase_add_test(tests, small_calls_pass_a_large_one_of_another_right);
        tcase_add_test(tests, sends_and_calls_through_one_right_keep_their_order);
        tcase_add_test(tests, doubled_and_repeated_messages_are_executed_once);
        tcase_add_test(tests, deadline_before_anything_was_sent_is_not_executed);
        tcase_add_test(tests, one_way_message_carries_what_is_left_of_its_time);
        tcase_add_test(tests, deadline_of_a_running_call_cancels_it_and_drops_the_late_answer);
        tcase_add_test(tests, cancel_waits_for_the_true_answer);
        tcase_add_test(tests, call_that_nobody_waits_for_ends_at_once_and_its_receiver_is_told);
        tcase_add_test(tests, cancel_before_sending_ends_at_once_and_keeps_the_order);
        tcase_add_test(tests, lost_session_tells_sent_from_unsent);
        tcase_add_test(tests, slots_are_bounded_and_refusals_come_back);
        tcase_add_test(tests, without_memory_messages_wait_and_arrive_later);
        tcase_add_test(tests, root_that_is_away_says_so_until_there_is_another);
        tcase_add_test(tests, malformed_messages_are_refused_at_once);
        suite_add_tcase(suite, tests);
        return suite;
}
