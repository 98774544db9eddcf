/* Messages into registers and block, and back. */
#include "tests/unit/rt/suites.h"

#include <string.h>
#include "servers/rt/message/message.h"
#include "tests/unit/rt/kernel.h"

START_TEST(a_short_call_needs_no_block)
{
        struct message message = {
            .interface = 7, .method = 9, .word_count = 2, .words = {11, 22, 33}};
        struct arrival reply;
        char buffer[8];
        script.count = 1;
        script.steps[0].out.header = message_header(7, 9, 1);
        script.steps[0].out.words[0] = 99;
        arrival_prepare(&reply, buffer, sizeof buffer, 3);
        ck_assert_uint_eq(rt_call(5, 1000, &message, &reply), OUTCOME_OK);
        ck_assert_uint_eq(script.calls[0].number, SYSCALL_call);
        ck_assert_uint_eq(script.calls[0].in.handle, 5);
        ck_assert_uint_eq(script.calls[0].in.deadline, 1000);
        ck_assert_uint_eq(script.calls[0].in.header, message_header(7, 9, 2));
        ck_assert_uint_eq(script.calls[0].in.words[1], 22);
        /* The kernel looks here when the answer comes, whatever the header said. */
        ck_assert_uint_eq(script.calls[0].block.receive.length, 8);
        ck_assert_uint_eq(script.calls[0].block.receive_caps, 3);
        ck_assert_uint_eq(reply.word_count, 1);
        ck_assert_uint_eq(reply.words[0], 99);
        ck_assert_uint_eq(reply.bytes, 0);
        ck_assert_uint_eq(reply.cap_count, 0);
}
END_TEST

START_TEST(a_call_that_wants_no_answer_offers_no_space)
{
        struct message message = {.interface = 7};
        struct arrival reply;
        char buffer[8];
        script.count = 2;
        arrival_prepare(&reply, buffer, sizeof buffer, 3);
        rt_call(5, 1000, &message, &reply);
        rt_call(5, 1000, &message, NULL);
        ck_assert_uint_eq(script.calls[1].block.receive.length, 0);
        ck_assert_uint_eq(script.calls[1].block.receive_caps, 0);
}
END_TEST

START_TEST(bytes_and_capabilities_go_through_the_block)
{
        struct message message = {.interface = 7,
                                  .flags = MESSAGE_IDEMPOTENT,
                                  .buffer_count = 3,
                                  .buffers = {{0x1000, 5}, {0, 0}, {0x2000, 6}},
                                  .cap_count = 2,
                                  .caps = {cap_copy(8), cap_move(9)},
                                  .set_priority = 1,
                                  .priority = 42,
                                  .trace = 77};
        struct arrival reply;
        char buffer[8];
        script.count = 1;
        script.steps[0].out.header =
            message_with_flags(message_with_caps(message_header(7, 0, 0), 1), MESSAGE_BLOCK);
        script.steps[0].bytes = 3;
        script.steps[0].content = "abc";
        script.steps[0].caps[0] = (struct received_cap){.handle = 123, .type = OBJECT_RIGHT};
        arrival_prepare(&reply, buffer, sizeof buffer, 1);
        ck_assert_uint_eq(rt_call(5, 1000, &message, &reply), OUTCOME_OK);
        const struct message_block *block = &script.calls[0].block;
        uint64_t header = script.calls[0].in.header;
        ck_assert_uint_eq(message_flags(header), MESSAGE_BLOCK | MESSAGE_IDEMPOTENT);
        ck_assert_uint_eq(message_caps(header), 2);
        ck_assert_uint_eq(block->send_count, 2);
        ck_assert_uint_eq(block->send[1].address, 0x2000);
        ck_assert_uint_eq(block->send_caps[1].handle, 9);
        ck_assert_uint_eq(block->send_caps[1].flags, SEND_CAP_MOVE);
        ck_assert_uint_eq(block->set_priority, 1);
        ck_assert_uint_eq(block->priority, 42);
        ck_assert_uint_eq(block->trace, 77);
        ck_assert_uint_eq(reply.bytes, 3);
        ck_assert_mem_eq(buffer, "abc", 3);
        ck_assert_uint_eq(reply.cap_count, 1);
        ck_assert_uint_eq(reply.caps[0].handle, 123);
}
END_TEST

START_TEST(a_call_that_fails_brings_nothing)
{
        struct message message = {.interface = 7};
        struct arrival reply;
        script.count = 1;
        script.steps[0].outcome = perhaps_executed(REASON_DEADLINE);
        arrival_prepare(&reply, NULL, 0, 0);
        reply.cap_count = 5;
        reply.bytes = 5;
        ck_assert_uint_eq(rt_call(5, 1000, &message, &reply), perhaps_executed(REASON_DEADLINE));
        ck_assert_uint_eq(reply.cap_count, 0);
        ck_assert_uint_eq(reply.bytes, 0);
        ck_assert_uint_eq(reply.word_count, 0);
}
END_TEST

START_TEST(a_receive_that_fails_brings_nothing)
{
        struct arrival arrival;
        script.count = 1;
        script.steps[0].outcome = not_executed(REASON_DEADLINE);
        script.steps[0].out.header = UINT64_MAX;
        script.steps[0].out.second = 77;
        arrival_prepare(&arrival, NULL, 0, 0);
        ck_assert_uint_eq(rt_receive(3, 50, &arrival), not_executed(REASON_DEADLINE));
        ck_assert_uint_eq(arrival.reply, 0);
        ck_assert_uint_eq(arrival.cap_count, 0);
}
END_TEST

START_TEST(an_answer_that_cannot_be_sent_is_replaced_by_its_reason)
{
        struct message message = {.word_count = 1};
        script.count = 2;
        script.steps[0].outcome = not_executed(REASON_FAULT);
        ck_assert_uint_eq(rt_reply(4, &message), not_executed(REASON_FAULT));
        ck_assert_uint_eq(script.at, 2);
        ck_assert_uint_eq(script.calls[1].number, SYSCALL_reply);
        ck_assert_uint_eq(script.calls[1].in.second, 4);
        ck_assert_uint_eq(message_outcome(script.calls[1].in.header),
                          perhaps_executed(REASON_FAULT));
}
END_TEST

START_TEST(an_asynchronous_call_ends_with_the_request_it_serves)
{
        struct message message = {.interface = 7};
        struct arrival space;
        arrival_prepare(&space, NULL, 0, 2);
        script.count = 2;
        runtime_block()->serving_deadline = 500;
        ck_assert_uint_eq(rt_call_start(5, 6, 1000, &message, &space), OUTCOME_OK);
        ck_assert_uint_eq(script.calls[0].in.deadline, 500);
        ck_assert_uint_eq(script.calls[0].in.second, 6);
        ck_assert_uint_eq(message_flags(script.calls[0].in.header), MESSAGE_BLOCK);
        ck_assert_uint_eq(script.calls[0].block.receive_caps, 2);
        ck_assert_uint_eq(rt_call_start(5, 6, 400, &message, &space), OUTCOME_OK);
        ck_assert_uint_eq(script.calls[1].in.deadline, 400);
}
END_TEST

START_TEST(a_one_way_message_is_started_as_one)
{
        struct message message = {.interface = 7, .flags = MESSAGE_ONE_WAY | MESSAGE_IDEMPOTENT};
        script.count = 1;
        ck_assert_uint_eq(rt_call_start(5, 6, 1000, &message, NULL), OUTCOME_OK);
        ck_assert_uint_eq(message_flags(script.calls[0].in.header),
                          MESSAGE_ONE_WAY | MESSAGE_IDEMPOTENT);
}
END_TEST

TCase *message_tests(void)
{
        TCase *tests = tcase_create("message");
        tcase_add_checked_fixture(tests, kernel_setup, NULL);
        tcase_add_test(tests, a_short_call_needs_no_block);
        tcase_add_test(tests, a_call_that_wants_no_answer_offers_no_space);
        tcase_add_test(tests, bytes_and_capabilities_go_through_the_block);
        tcase_add_test(tests, a_call_that_fails_brings_nothing);
        tcase_add_test(tests, a_receive_that_fails_brings_nothing);
        tcase_add_test(tests, an_answer_that_cannot_be_sent_is_replaced_by_its_reason);
        tcase_add_test(tests, an_asynchronous_call_ends_with_the_request_it_serves);
        tcase_add_test(tests, a_one_way_message_is_started_as_one);
        return tests;
}
