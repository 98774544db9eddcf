/* A peer without room: it keeps nothing waiting for ever, loses nothing, and is asked by little. */
#include <string.h>

#include "netipc/core/queues.h"
#include "netipc/core/received.h"
#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static unsigned messages; /* MSG frames that n1 has sent */

static bool count_messages(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        if (packet->from == 0)
                messages += lab_frames(packet, FRAME_MSG, 0);
        return true;
}

static void count_from_now(struct lab *lab)
{
        messages = 0;
        lab->filter = count_messages;
}

/* It needs none, up to the length that a slot keeps. */
START_TEST(small_message_goes_when_there_is_no_memory_for_content)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        static const uint8_t bytes[OUTGOING_SMALL];
        message.bytes = bytes;
        message.length = OUTGOING_SMALL - 8;
        lab->node[0].no_memory = true;
        ck_assert_uint_eq(core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now),
                          OUTCOME_OK);
        message.length++;
        ck_assert_uint_eq(core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now),
                          not_executed(REASON_NO_MEMORY));
        lab->node[0].no_memory = false;
        lab_run(lab, 10);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab_free(lab);
}
END_TEST

/* No room is no loss: the window stays, one fragment asks now and then, and the message comes soon
 * after there is room. */
START_TEST(refused_message_asks_by_a_fragment)
{
        struct lab *lab = lab_make(2);
        struct session *session = lab_session(lab, 0, 1);
        lab->node[1].no_memory = true;
        count_from_now(lab);
        lab_send(lab, 1, 20000, false);
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        /* All 19 once; then the pause grows to its most in five steps. */
        ck_assert_uint_ge(messages, 19 + 5 + 450 * LAB_MS / PAUSE_MAX);
        ck_assert_uint_le(messages, 19 + 8 + 500 * LAB_MS / PAUSE_MAX);
        lab->node[1].no_memory = false;
        uint32_t window = session->sent.window;
        lab_run(lab, PAUSE_MAX / LAB_MS + 1);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        ck_assert_uint_eq(session->pause, PAUSE_MIN);
        ck_assert_uint_ge(session->sent.window, window);
        ck_assert_uint_eq(session->sent.lost_count, 0);
        lab_free(lab);
}
END_TEST

/* Those that come later do not try in vain with all that they have, and all go once one has found
 * room. */
START_TEST(all_flow_once_there_is_room)
{
        struct lab *lab = lab_make(2);
        lab->node[1].no_memory = true;
        lab_send(lab, 0, 20000, false);
        lab_run(lab, 100);
        count_from_now(lab);
        for (unsigned i = 1; i < 12; i++)
                lab_send(lab, i, 20000, i & 1);
        lab_run(lab, 1000);
        ck_assert_uint_le(messages, 12 + 1 + 1000 * LAB_MS / PAUSE_MAX);
        lab->node[1].no_memory = false;
        lab_run(lab, PAUSE_MAX / LAB_MS + 2);
        ck_assert_uint_eq(lab->node[1].deliveries, 12);
        for (unsigned i = 0; i < 12; i++)
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).lost, 0);
        lab_free(lab);
}
END_TEST

static unsigned acknowledgements; /* ACK frames that n2 has sent */

static bool count_acknowledgements(struct lab *lab, struct lab_packet *packet)
{
        (void)lab;
        if (packet->from == 1)
                acknowledgements += lab_frames(packet, FRAME_ACK, 0);
        return true;
}

/* Only who was refused asks: what finds room otherwise waits for others, or for the delay. */
START_TEST(what_found_room_is_acknowledged_at_once_only_after_a_refusal)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i <= ACK_RUN; i++) {
                lab_send(lab, i, 0, true);
                lab_run(lab, 1);
        }
        lab_run(lab, 20);
        lab->filter = count_acknowledgements;
        acknowledgements = 0;
        lab_send(lab, 1, 3000, true);
        lab_run(lab, 3);
        ck_assert_uint_eq(acknowledgements, 0);
        lab_run(lab, 20);
        ck_assert_uint_eq(acknowledgements, 1);
        lab->node[1].no_memory = true;
        lab_send(lab, 2, 3000, true);
        lab_run(lab, 40);
        lab->node[1].no_memory = false;
        lab_forget(&lab->node[1]);
        while (lab->node[1].deliveries == 0)
                lab_step(lab);
        acknowledgements = 0;
        lab_send(lab, 3, 3000, true);
        lab_run(lab, 3);
        ck_assert_uint_ge(acknowledgements, 1);
        lab_free(lab);
}
END_TEST

/* Where there is memory for one, the next asks as soon as that is through. */
START_TEST(large_messages_follow_each_other_at_once)
{
        struct lab *lab = lab_make(2);
        lab->node[1].core->config.content = WIRE_CONTENT_MAX;
        for (unsigned i = 0; i < 5; i++)
                lab_send(lab, i, WIRE_BYTES_MAX, true);
        lab_run(lab, 2);
        ck_assert_uint_eq(lab->node[1].deliveries, 5);
        lab_free(lab);
}
END_TEST

/* Beyond its share of memory a peer's messages wait, calls and others alike. */
START_TEST(peer_that_used_up_its_memory_waits)
{
        struct lab *lab = lab_make(2);
        struct session *server = lab_session(lab, 1, 0);
        server->content_in = lab->node[1].core->config.content;
        lab_send(lab, 1, 3000, false);
        lab_send(lab, 2, 3000, true);
        lab_send(lab, 3, 0, false);
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[1].deliveries + lab->node[0].completions, 0);
        server->content_in = 0;
        lab_run(lab, 20);
        ck_assert_uint_eq(lab->node[1].deliveries, 3);
        for (unsigned i = 0; i < 3; i++)
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i + 1);
        ck_assert_uint_eq(lab->node[1].delivery[1].message.length, 3000);
        lab_free(lab);
}
END_TEST

/* The one answer through a reply right that has travelled is a message like others. */
START_TEST(answer_by_a_travelled_reply_right_waits_for_memory)
{
        static const uint8_t bytes[3000];
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1), answer = lab_message(2);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_REPLY, .id = 500};
        core_send(lab->node[0].core, lab->node[0].root[1], &message, lab->now);
        lab_run(lab, 5);
        lab_session(lab, 0, 1)->content_in = lab->node[0].core->config.content;
        answer.bytes = bytes;
        answer.length = sizeof(bytes);
        ck_assert_uint_eq(core_send(lab->node[1].core, lab_delivered(lab, 1)->message.cap[0].id,
                                    &answer, lab->now),
                          OUTCOME_OK);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[0].deliveries + lab->node[0].drops, 0);
        lab_session(lab, 0, 1)->content_in = 0;
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_delivered(lab, 0)->message.length, sizeof(bytes));
        lab_free(lab);
}
END_TEST

/* Later messages wait for an earlier one, and must not keep its memory from it. */
START_TEST(message_whose_turn_it_is_finds_memory)
{
        struct lab *lab = lab_make(2);
        uint32_t *order = &lab_session(lab, 0, 1)->imports[WIRE_ROOT_EXPORT].next_order;
        *order = 2;
        for (unsigned i = 1; i < 8; i++) {
                lab_send(lab, i, WIRE_BYTES_MAX, true);
                lab_run(lab, 50);
        }
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 4);
        *order = 1;
        lab_send(lab, 0, WIRE_BYTES_MAX, true);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab->node[1].deliveries, 8);
        for (unsigned i = 0; i < 8; i++)
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i);
        lab_free(lab);
}
END_TEST

/* Requests that wait for their turn, or for room, do not keep the answers out for which those wait
 * who are to make room. */
START_TEST(answer_finds_memory_beside_requests)
{
        static const uint8_t bytes[60000];
        struct lab *lab = lab_make(2);
        struct core *server = lab->node[1].core;
        struct core_message message = lab_message(1);
        core_call(server, lab->node[1].root[0], &message, 1, NULL, lab->now);
        lab_run(lab, 5);
        lab->node[1].full = true;
        for (unsigned i = 0; i < 8; i++) {
                lab_send(lab, i, 60000, true);
                lab_run(lab, 50);
        }
        message.bytes = bytes;
        message.length = sizeof(bytes);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        core_reply(lab->node[0].core, lab_delivered(lab, 0)->call, OUTCOME_OK, &message, lab->now);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab_completed(lab, 1)->message.length, sizeof(bytes));
        lab_free(lab);
}
END_TEST

/* The rights in a message for which there is no room count only once all of it has come: until then
 * its sender may withdraw it, and takes them back itself. */
START_TEST(message_without_room_can_be_withdrawn)
{
        struct lab *lab = lab_make(2);
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct core *caller = lab->node[0].core;
        struct core_message message = lab_message(1);
        core_handle_t handle;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 70};
        lab_session(lab, 1, 0)->content_in = lab->node[1].core->config.content;
        core_call(caller, lab->node[0].root[1], &message, 1, &handle, lab->now);
        lab->cut[1][0] = true;
        lab_run(lab, 5);
        core_cancel(caller, handle, lab->now);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_CANCELLED));
        lab->cut[1][0] = false;
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).exports, 0);
        lab_session(lab, 1, 0)->content_in = 0;
        lab_free(lab);
}
END_TEST

/* What is withdrawn needs no room, and must not wait with an older one that does: later messages
 * through its right wait for it. */
START_TEST(withdrawn_message_waits_for_no_room)
{
        static const uint8_t bytes[20000];
        struct lab *lab = lab_make(2);
        struct core *caller = lab->node[0].core;
        struct core_message message = lab_message(0);
        core_handle_t handle;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        lab->node[1].no_memory = true;
        message.unordered = true;
        core_call(caller, lab->node[0].root[1], &message, 0, NULL, lab->now);
        lab_run(lab, 100);
        message.unordered = false;
        core_call(caller, lab->node[0].root[1], &message, 1, &handle, lab->now);
        lab_run(lab, 100);
        core_cancel(caller, handle, lab->now);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_CANCELLED));
        lab_send(lab, 2, 0, false);
        lab_run(lab, 1);
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.word[0], 2);
        lab_free(lab);
}
END_TEST

/* Older messages that find no room, through a right whose server hangs, keep none from those of
 * another right. */
START_TEST(message_without_room_starves_no_younger_one)
{
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(0);
        message.caps = 1;
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .id = 70};
        core_send(lab->node[1].core, lab->node[1].root[0], &message, lab->now);
        lab_run(lab, 5);
        core_import_t other = lab_delivered(lab, 0)->message.cap[0].id;
        lab_session(lab, 0, 1)->imports[WIRE_ROOT_EXPORT].next_order = 2;
        for (unsigned i = 0; i < 6; i++) {
                lab_send(lab, i, WIRE_BYTES_MAX, true);
                lab_run(lab, 50);
        }
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        for (unsigned i = 0; i < 3; i++) {
                message = lab_message(100 + i);
                message.bytes = bytes;
                message.length = sizeof(bytes);
                ck_assert_uint_eq(core_send(lab->node[0].core, other, &message, lab->now),
                                  OUTCOME_OK);
        }
        lab_run(lab, 500);
        ck_assert_uint_eq(lab->node[1].deliveries, 3);
        ck_assert_uint_eq(lab_delivered(lab, 1)->message.word[0], 102);
        lab_free(lab);
}
END_TEST

/* Fragments without end: no more memory than the peer's share, whatever the slots promise. */
START_TEST(unfinished_messages_take_no_more_than_a_share)
{
        struct lab *lab = lab_make(2);
        static uint8_t frame[sizeof(struct wire_msg) + WIRE_SHORT_BYTES];
        for (unsigned slot = 0; slot < 16; slot++) {
                struct wire_msg msg = lab_msg(1);
                msg.flags = 0;
                msg.call = wire_call_id(slot, 1);
                msg.total = WIRE_BYTES_MAX;
                msg.fragment_length = WIRE_SHORT_BYTES;
                msg.offset = WIRE_SHORT_BYTES;
                memcpy(frame, &msg, sizeof(msg));
                lab_forge(lab, 0, 1, frame, sizeof(frame));
        }
        uint32_t most = lab->node[1].core->config.content;
        ck_assert_uint_gt(lab_session(lab, 1, 0)->content_in, most - 2 * WIRE_CONTENT_MAX);
        ck_assert_uint_le(lab_session(lab, 1, 0)->content_in, most);
        lab_free(lab);
}
END_TEST

/* An answer cannot be asked for again, so it waits. */
START_TEST(answer_waits_for_memory)
{
        struct lab *lab = lab_make(2);
        struct session *caller = lab_session(lab, 0, 1);
        static const uint8_t bytes[3000];
        struct core_message message = lab_message(1);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 5);
        caller->content_in = lab->node[0].core->config.content;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        core_reply(lab->node[1].core, lab_delivered(lab, 1)->call, OUTCOME_OK, &message, lab->now);
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[0].completions, 0);
        caller->content_in = 0;
        lab_run(lab, 500);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, OUTCOME_OK);
        ck_assert_uint_eq(lab_completed(lab, 0)->message.length, 3000);
        lab_free(lab);
}
END_TEST

/* A peer that does not acknowledge answers does not use up the memory of others. */
START_TEST(answers_that_are_not_taken_are_bounded)
{
        struct lab *lab = lab_make(2);
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct core_message message = lab_message(1);
        for (unsigned i = 0; i < 16; i++)
                core_call(lab->node[0].core, lab->node[0].root[1], &message, i, NULL, lab->now);
        lab_run(lab, 5);
        lab->cut[1][0] = true;
        message.bytes = bytes;
        message.length = sizeof(bytes);
        unsigned refused = 0;
        for (unsigned i = 0; i < 16; i++) {
                outcome_t outcome = core_reply(lab->node[1].core, lab->node[1].delivery[i].call,
                                               OUTCOME_OK, &message, lab->now);
                refused += outcome == not_executed(REASON_OVERLOADED);
                if (outcome)
                        core_reply(lab->node[1].core, lab->node[1].delivery[i].call,
                                   perhaps_executed(REASON_OVERLOADED), NULL, lab->now);
        }
        ck_assert_uint_eq(refused, 10);
        ck_assert_uint_le(lab_session(lab, 1, 0)->content_out, lab->node[1].core->config.content);
        lab->cut[1][0] = false;
        lab_run(lab, 1000);
        ck_assert_uint_eq(lab->node[0].completions, 16);
        lab_free(lab);
}
END_TEST

/* A peer that has no memory for what is queued lives: each time-out asks it by a PING that waits
 * behind nothing. */
START_TEST(peer_without_memory_is_not_dead)
{
        struct lab *lab = lab_make(2);
        lab->loss_random = (uint64_t)_i;
        lab->node[1].no_memory = true;
        lab->loss = 5;
        for (unsigned i = 0; i < 8; i++)
                lab_send(lab, i, i & 1 ? 20000 : 1, false);
        lab_run(lab, 5000);
        ck_assert_uint_eq(lab->node[0].down + lab->node[1].down, 0);
        lab->node[1].no_memory = false;
        lab_run(lab, 2000);
        ck_assert_uint_eq(lab->node[1].deliveries, 8);
        lab_free(lab);
}
END_TEST

/* Nor do others wait for one that is refused. */
START_TEST(small_calls_pass_a_refused_message)
{
        struct lab *lab = lab_make(2);
        lab->node[1].no_memory = true;
        lab_send(lab, 1, 20000, false);
        lab_run(lab, 200);
        struct core_message message = lab_message(2);
        message.unordered = true;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 2, NULL, lab->now);
        lab_run(lab, 1);
        ck_assert_uint_eq(lab->node[1].deliveries, 1);
        lab_free(lab);
}
END_TEST

/* More than can be held: the rest is sent again until there is room. */
START_TEST(what_finds_no_room_is_kept_in_order)
{
        enum { ROUNDS = 4, EACH = 8 };
        struct lab *lab = lab_make(2);
        lab->node[1].full = true;
        for (unsigned i = 0; i < ROUNDS * EACH; i++) {
                lab_send(lab, i, 0, i % 4);
                if (i % EACH == EACH - 1)
                        lab_run(lab, 20);
                if (i == 2 * EACH) {
                        lab_run(lab, 20);
                        lab->node[1].full = false;
                        core_resume(lab->node[1].core, lab->now);
                        ck_assert_uint_ge(lab->node[1].deliveries, 16);
                        lab_run(lab, 50);
                        for (unsigned j = 0; j < lab->node[1].deliveries; j++)
                                if (lab->node[1].delivery[j].call)
                                        core_reply(lab->node[1].core, lab->node[1].delivery[j].call,
                                                   OUTCOME_OK, NULL, lab->now);
                        lab_run(lab, 50);
                        lab->node[1].full = true;
                }
        }
        lab->node[1].full = false;
        core_resume(lab->node[1].core, lab->now);
        lab_run(lab, 50);
        ck_assert_uint_eq(lab->node[1].deliveries, ROUNDS * EACH);
        for (unsigned i = 0; i < ROUNDS * EACH; i++) {
                ck_assert_uint_eq(lab->node[1].delivery[i].message.word[0], i);
                ck_assert_int_eq(lab->node[1].delivery[i].call == 0, i % 4 != 0);
        }
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 0);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).lost, 0);
        lab_free(lab);
}
END_TEST

START_TEST(what_waits_for_room_can_be_cancelled_and_ends_with_its_session)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_handle_t handle;
        lab->node[1].full = true;
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, &handle, lab->now);
        lab_run(lab, 20);
        core_cancel(lab->node[0].core, handle, lab->now);
        lab_run(lab, 20);
        core_resume(lab->node[1].core, lab->now);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, not_executed(REASON_CANCELLED));
        lab_send(lab, 2, 0, true);
        lab_send(lab, 3, 0, false);
        lab_run(lab, 20);
        ck_assert_uint_eq(lab_session(lab, 1, 0)->held_count, 2);
        lab_crash(lab, 0);
        lab_run(lab, 3000);
        core_resume(lab->node[1].core, lab->now);
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        lab_free(lab);
}
END_TEST

Suite *room_suite(void)
{
        Suite *suite = suite_create("room");
        TCase *tests = tcase_create("room");
        tcase_add_test(tests, small_message_goes_when_there_is_no_memory_for_content);
        tcase_add_test(tests, refused_message_asks_by_a_fragment);
        tcase_add_test(tests, all_flow_once_there_is_room);
        tcase_add_test(tests, what_found_room_is_acknowledged_at_once_only_after_a_refusal);
        tcase_add_test(tests, large_messages_follow_each_other_at_once);
        tcase_add_test(tests, peer_that_used_up_its_memory_waits);
        tcase_add_test(tests, answer_by_a_travelled_reply_right_waits_for_memory);
        tcase_add_test(tests, message_whose_turn_it_is_finds_memory);
        tcase_add_test(tests, answer_finds_memory_beside_requests);
        tcase_add_test(tests, message_without_room_can_be_withdrawn);
        tcase_add_test(tests, message_without_room_starves_no_younger_one);
        tcase_add_test(tests, withdrawn_message_waits_for_no_room);
        tcase_add_test(tests, unfinished_messages_take_no_more_than_a_share);
        tcase_add_test(tests, answer_waits_for_memory);
        tcase_add_test(tests, answers_that_are_not_taken_are_bounded);
        tcase_add_loop_test(tests, peer_without_memory_is_not_dead, 0, 10);
        tcase_add_test(tests, small_calls_pass_a_refused_message);
        tcase_add_test(tests, what_finds_no_room_is_kept_in_order);
        tcase_add_test(tests, what_waits_for_room_can_be_cancelled_and_ends_with_its_session);
        suite_add_tcase(suite, tests);
        return suite;
}
