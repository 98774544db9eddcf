/* Messages of local programs: they are sent as they are, or wait in line for room in the core, and
 * a call that is given up goes no further. */
#include "tests/unit/transport/messages.h"

START_TEST(one_way_message_is_sent_and_arrives_as_one)
{
        const uint64_t word = 6;
        struct request request = {.badge = 5,
                                  .deadline = 5000,
                                  .interface = 3,
                                  .method = 4,
                                  .word_count = 1,
                                  .words = &word,
                                  .priority = 7,
                                  .trace = 8,
                                  .idempotent = true};
        ck_assert_uint_eq(bridge_request(&request), OUTCOME_OK);
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.far_message.deadline, 5000);
        const struct core_message message = kernel.far_message;
        ck_assert_uint_eq(
            bridge_environment.deliver(NULL, held(TRAVELS), CAPABILITY_SEND, 0, &message),
            OUTCOME_OK);
        ck_assert_uint_eq(kernel.started.flags, MESSAGE_ONE_WAY | MESSAGE_IDEMPOTENT);
        ck_assert_uint_eq(kernel.started_deadline, 5000);
        ck_assert_uint_eq(kernel.started.interface, 3);
        ck_assert_uint_eq(kernel.started.method, 4);
        ck_assert_uint_eq(kernel.started.words[0], 6);
        ck_assert_uint_eq(kernel.started.priority, 7);
        ck_assert_uint_eq(kernel.started.trace, 8);
        delivery_done(0);
        ck_assert_uint_eq(kernel.far_replies, 0);
}
END_TEST

static outcome_t request_to(core_import_t import, handle_t reply, uint64_t number)
{
        struct request request = {
            .badge = import, .reply = reply, .deadline = CORE_NEVER, .words = &number};
        request.word_count = 1;
        request.bytes = (const uint8_t *)"bytes";
        request.byte_count = 5;
        return bridge_request(&request);
}

START_TEST(message_waits_until_the_core_has_room)
{
        kernel.core_full = 5;
        for (unsigned i = 0; i < 2000; i++)
                ck_assert_uint_eq(request_to(5, i == 1000 ? REPLY_LIVE : 0, i),
                                  i == 1000 ? RT_DEFERRED : OUTCOME_OK);
        ck_assert_uint_eq(request_to(6, 0, 1), OUTCOME_OK); /* to another: not held up */
        ck_assert_uint_eq(kernel.far_sends, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        bridge_no_senders(5);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        kernel.core_full = 0;
        ck_assert_uint_eq(request_to(5, 0, 2000), OUTCOME_OK); /* in line, though there is room */
        ck_assert_uint_eq(kernel.far_sends, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 2001);
        ck_assert_uint_eq(kernel.far_calls, 1);
        ck_assert_uint_eq(kernel.far_message.word[0], 2000);
        ck_assert_uint_eq(kernel.far_message.length, 5);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        ck_assert_uint_eq(transport.waiting.bytes, 0);
}
END_TEST

START_TEST(call_that_waits_is_cancelled_at_once)
{
        kernel.core_full = 5;
        ck_assert_uint_eq(request_to(5, REPLY_LIVE, 1), RT_DEFERRED);
        ck_assert_uint_eq(request_to(5, 0, 2), OUTCOME_OK);
        bridge_cancel(REPLY_LIVE);
        ck_assert_uint_eq(kernel.replied, not_executed(REASON_CANCELLED));
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 0);
        ck_assert_uint_eq(kernel.far_sends, 1);
}
END_TEST

START_TEST(one_line_does_not_take_all_memory_that_may_wait)
{
        unsigned first = 0, second = 0;
        kernel.core_full = 5;
        while (request_to(5, REPLY_LIVE, 1) == RT_DEFERRED)
                first++;
        kernel.core_full = 6;
        while (request_to(6, REPLY_LIVE, 1) == RT_DEFERRED)
                second++;
        ck_assert_uint_gt(second, first / 3);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(transport.waiting.bytes, 0);
}
END_TEST

START_TEST(far_call_of_a_program_that_ended_is_abandoned)
{
        pending_add(&transport.pending, PENDING_CALL, REPLY_LIVE);
        pending_add(&transport.pending, PENDING_CALL, REPLY_DEAD);
        bridge_cancel(REPLY_LIVE);
        ck_assert_uint_eq(kernel.far_cancelled, 1);
        ck_assert_uint_eq(kernel.far_abandoned, 0);
        bridge_cancel(REPLY_DEAD);
        ck_assert_uint_eq(kernel.far_cancelled, 1);
        ck_assert_uint_eq(kernel.far_abandoned, 1);
}
END_TEST

Suite *waiting_suite(void)
{
        Suite *suite = suite_create("waiting");
        TCase *tests = tcase_create("waiting");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, one_way_message_is_sent_and_arrives_as_one);
        tcase_add_test(tests, message_waits_until_the_core_has_room);
        tcase_add_test(tests, call_that_waits_is_cancelled_at_once);
        tcase_add_test(tests, one_line_does_not_take_all_memory_that_may_wait);
        tcase_add_test(tests, far_call_of_a_program_that_ended_is_abandoned);
        suite_add_tcase(suite, tests);
        return suite;
}
