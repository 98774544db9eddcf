/* A peer that breaks the protocol loses its session, and nothing else happens. */
#include <string.h>

#include "netipc/core/state.h"
#include "tests/unit/netipc/lab.h"

static void ends_session(const void *frames, size_t length)
{
        struct lab *lab = lab_make(3);
        lab_forge(lab, 0, 1, frames, length);
        ck_assert_uint_eq(lab->node[1].down, 1);
        ck_assert_int_eq(lab->node[1].down_reason, REASON_LINK_LOST);
        ck_assert_int_eq(lab_peer(lab, 1, 2).state, CORE_PEER_UP);
        lab_run(lab, 1200);
        ck_assert_uint_eq(lab->node[1].up, 3); /* they met again, from scratch */
        lab_free(lab);
}

static struct wire_msg to_root(unsigned slot, uint64_t sequence)
{
        return (struct wire_msg){.type = FRAME_MSG,
                                 .flags = MSG_FLAG_LAST,
                                 .call = wire_call_id(slot, sequence),
                                 .export_id = WIRE_ROOT_EXPORT,
                                 .generation = WIRE_ROOT_GENERATION,
                                 .deadline = WIRE_NO_DEADLINE};
}

START_TEST(garbage_in_a_good_packet)
{
        uint8_t garbage[40];
        memset(garbage, 0xee, sizeof(garbage));
        ends_session(garbage, sizeof(garbage));
}
END_TEST

START_TEST(call_to_a_right_it_does_not_hold)
{
        struct wire_msg msg = to_root(0, 1);
        msg.export_id = 5;
        ends_session(&msg, sizeof(msg));
}
END_TEST

START_TEST(call_with_a_stale_generation)
{
        struct wire_msg msg = to_root(0, 1);
        msg.generation = 2;
        ends_session(&msg, sizeof(msg));
}
END_TEST

START_TEST(slot_beyond_the_table)
{
        struct wire_msg msg = to_root(16, 1);
        ends_session(&msg, sizeof(msg));
}
END_TEST

START_TEST(slot_used_while_its_call_runs)
{
        struct wire_msg msg[2] = {to_root(0, 1), to_root(0, 2)};
        ends_session(msg, sizeof(msg));
}
END_TEST

START_TEST(order_number_used_twice)
{
        struct wire_msg msg[2] = {to_root(0, 1), to_root(1, 1)};
        msg[0].order = msg[1].order = 1;
        ends_session(msg, sizeof(msg));
}
END_TEST

START_TEST(answer_to_no_call)
{
        struct wire_msg msg = {
            .type = FRAME_MSG, .flags = MSG_FLAG_LAST | MSG_FLAG_REPLY, .call = wire_call_id(0, 1)};
        ends_session(&msg, sizeof(msg));
}
END_TEST

START_TEST(answer_with_an_outcome_that_is_none)
{
        const outcome_t none[] = {0xffff, 0x0301, 0x0100, 0x0200, 0x0080};
        for (unsigned i = 0; i < sizeof(none) / sizeof(*none); i++) {
                struct lab *lab = lab_make(2);
                struct core_message message = lab_message(1);
                core_call(lab->node[1].core, lab->node[1].root[0], &message, 1, NULL, lab->now);
                core_flush(lab->node[1].core, lab->now);
                struct wire_msg msg = {.type = FRAME_MSG,
                                       .flags = MSG_FLAG_LAST | MSG_FLAG_REPLY,
                                       .outcome = none[i],
                                       .call = wire_call_id(0, 1)};
                lab_forge(lab, 0, 1, &msg, sizeof(msg));
                ck_assert_uint_eq(lab->node[1].down, 1);
                ck_assert_uint_eq(lab_completed(lab, 1)->outcome,
                                  perhaps_executed(REASON_LINK_LOST));
                lab_free(lab);
        }
}
END_TEST

/* A local server may answer with any number: that is no reason to lose a session. */
START_TEST(own_answer_with_an_outcome_that_is_none_is_not_sent)
{
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, NULL, lab->now);
        lab_run(lab, 5);
        core_call_t call = lab_delivered(lab, 1)->call;
        ck_assert_uint_eq(core_reply(lab->node[1].core, call, 0x0301, NULL, lab->now),
                          not_executed(REASON_MALFORMED));
        ck_assert_uint_eq(core_reply(lab->node[1].core, call, OUTCOME_OK, NULL, lab->now),
                          OUTCOME_OK);
        lab_run(lab, 5);
        ck_assert_uint_eq(lab_completed(lab, 0)->outcome, OUTCOME_OK);
        lab_free(lab);
}
END_TEST

START_TEST(release_of_what_it_does_not_hold)
{
        struct {
                struct wire_release release;
                struct wire_release_entry entry;
        } frame = {{.type = FRAME_RELEASE, .count = 1, .sequence = 1}, {5, 1, 1}};
        ends_session(&frame, 20);
}
END_TEST

START_TEST(death_of_the_root)
{
        struct wire_dead frame = {
            .type = FRAME_DEAD, .reason = REASON_REVOKED, .export_id = 1, .generation = 1};
        ends_session(&frame, sizeof(frame));
}
END_TEST

START_TEST(ack_of_the_unsent)
{
        struct wire_ack frame = {.type = FRAME_ACK, .largest = 1 << 20, .first = 1, .credit = 1};
        ends_session(&frame, sizeof(frame));
}
END_TEST

START_TEST(busy_of_the_unsent)
{
        struct wire_busy frame = {.type = FRAME_BUSY, .number = 1 << 20};
        ends_session(&frame, sizeof(frame));
}
END_TEST

static void with_capability(struct wire_capability capability)
{
        struct {
                struct wire_msg msg;
                struct wire_capability capability;
        } frame = {to_root(0, 1), capability};
        frame.msg.caps = 1;
        frame.msg.total = 16;
        frame.msg.fragment_length = 16;
        ends_session(&frame, 72);
}

START_TEST(capabilities_that_cannot_be)
{
        with_capability((struct wire_capability){.kind = 77});
        with_capability(
            (struct wire_capability){.kind = CAPABILITY_HOME, .export_id = 9, .generation = 1});
        with_capability(
            (struct wire_capability){.kind = CAPABILITY_SEND, .export_id = 9999, .generation = 1});
        with_capability((struct wire_capability){.kind = CAPABILITY_MEMORY, .length = 5});
}
END_TEST

START_TEST(fragments_that_contradict_each_other)
{
        struct {
                struct wire_msg msg;
                uint8_t bytes[WIRE_SHORT_BYTES];
        } frame = {.msg = to_root(0, 1)};
        struct lab *lab = lab_make(2);
        frame.msg.flags = 0;
        frame.msg.total = 2 * WIRE_SHORT_BYTES;
        frame.msg.fragment_length = WIRE_SHORT_BYTES;
        size_t size = sizeof(frame.msg) + WIRE_SHORT_BYTES;
        lab_forge(lab, 0, 1, &frame, size);
        ck_assert_uint_eq(lab->node[1].down, 0);
        frame.msg.total++;
        lab_forge(lab, 0, 1, &frame, size);
        ck_assert_uint_eq(lab->node[1].down, 1);
        lab_free(lab);
}
END_TEST

START_TEST(fragment_off_the_granules)
{
        uint8_t frame[sizeof(struct wire_msg) + 10] = {0};
        struct wire_msg msg = to_root(0, 1);
        msg.flags = 0;
        msg.total = 3000;
        msg.offset = 7;
        msg.fragment_length = 10;
        memcpy(frame, &msg, sizeof(msg));
        ends_session(frame, sizeof(frame));
}
END_TEST

START_TEST(close_ends_the_session_and_is_believed)
{
        struct wire_close frame = {.type = FRAME_CLOSE, .reason = REASON_MALFORMED};
        ends_session(&frame, sizeof(frame));
}
END_TEST

START_TEST(held_messages_are_bounded)
{
        struct lab *lab = lab_make(2);
        for (unsigned i = 0; i < 32; i++) {
                struct wire_msg msg = to_root(i % 16, 1 + i / 16);
                msg.flags |= MSG_FLAG_ONEWAY;
                msg.order = 2 + i; /* the first never comes */
                lab_forge(lab, 0, 1, &msg, sizeof(msg));
        }
        ck_assert_uint_eq(lab->node[1].deliveries, 0);
        ck_assert_uint_le(lab->node[1].core->peers[0].session->held_count, 16);
        ck_assert_uint_eq(lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

START_TEST(packets_from_another_address_are_ignored)
{
        struct lab *lab = lab_make(2);
        struct wire_close frame = {.type = FRAME_CLOSE, .reason = REASON_LINK_LOST};
        struct core_address from[] = {{1, WIRE_UDP_PORT + 1}, {3, WIRE_UDP_PORT}};
        for (unsigned i = 0; i < 2; i++)
                lab_forge_from(lab, 0, 1, from[i], &frame, sizeof(frame));
        ck_assert_uint_eq(lab->node[1].down, 0);
        lab_forge(lab, 0, 1, &frame, sizeof(frame));
        ck_assert_uint_eq(lab->node[1].down, 1);
        lab_free(lab);
}
END_TEST

START_TEST(packets_of_other_sessions_are_ignored)
{
        struct lab *lab = lab_make(2);
        uint8_t packet[64] = {WIRE_VERSION << 4 | PACKET_CLEAR};
        for (uint32_t index = 0; index < 512; index++) {
                memcpy(packet + 4, &index, sizeof(index));
                wire_trailer_write(packet, 48);
                core_packet_in(lab->node[1].core, (struct core_address){1, 1}, packet, 64,
                               lab->now);
        }
        ck_assert_uint_eq(lab->node[1].down, 0);
        lab_free(lab);
}
END_TEST

/* What a peer began to answer too soon is dropped with the call that is withdrawn. */
START_TEST(answer_to_what_was_not_sent_whole)
{
        static const uint8_t bytes[WIRE_BYTES_MAX];
        struct lab *lab = lab_make(2);
        struct core_message message = lab_message(1);
        core_handle_t handle;
        struct {
                struct wire_msg msg;
                uint8_t fragment[WIRE_SHORT_BYTES];
        } frame = {.msg = {.type = FRAME_MSG,
                           .flags = MSG_FLAG_REPLY,
                           .fragment_length = WIRE_SHORT_BYTES,
                           .call = wire_call_id(0, 1),
                           .total = 2 * WIRE_SHORT_BYTES}};
        message.bytes = bytes;
        message.length = sizeof(bytes);
        core_call(lab->node[0].core, lab->node[0].root[1], &message, 1, &handle, lab->now);
        lab_forge(lab, 1, 0, &frame, sizeof(frame.msg) + sizeof(frame.fragment));
        ck_assert_uint_gt(lab_session(lab, 0, 1)->content_in, 0);
        core_cancel(lab->node[0].core, handle, lab->now);
        ck_assert_uint_eq(lab_session(lab, 0, 1)->content_in, 0);
        lab_run(lab, 100);
        ck_assert_uint_eq(lab_peer(lab, 0, 1).calls_out, 0);
        lab_free(lab);
}
END_TEST

Suite *hostile_suite(void)
{
        Suite *suite = suite_create("hostile");
        TCase *tests = tcase_create("hostile");
        tcase_set_timeout(tests, 30);
        tcase_add_test(tests, garbage_in_a_good_packet);
        tcase_add_test(tests, call_to_a_right_it_does_not_hold);
        tcase_add_test(tests, call_with_a_stale_generation);
        tcase_add_test(tests, slot_beyond_the_table);
        tcase_add_test(tests, slot_used_while_its_call_runs);
        tcase_add_test(tests, order_number_used_twice);
        tcase_add_test(tests, answer_to_no_call);
        tcase_add_test(tests, answer_with_an_outcome_that_is_none);
        tcase_add_test(tests, own_answer_with_an_outcome_that_is_none_is_not_sent);
        tcase_add_test(tests, release_of_what_it_does_not_hold);
        tcase_add_test(tests, death_of_the_root);
        tcase_add_test(tests, ack_of_the_unsent);
        tcase_add_test(tests, busy_of_the_unsent);
        tcase_add_test(tests, capabilities_that_cannot_be);
        tcase_add_test(tests, fragments_that_contradict_each_other);
        tcase_add_test(tests, fragment_off_the_granules);
        tcase_add_test(tests, close_ends_the_session_and_is_believed);
        tcase_add_test(tests, held_messages_are_bounded);
        tcase_add_test(tests, packets_from_another_address_are_ignored);
        tcase_add_test(tests, packets_of_other_sessions_are_ignored);
        tcase_add_test(tests, answer_to_what_was_not_sent_whole);
        suite_add_tcase(suite, tests);
        return suite;
}
