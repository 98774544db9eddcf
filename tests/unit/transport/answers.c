/* Answers, both ways: those of this node wait for room in the core and keep nothing once they are
 * given up; those of others take their capabilities whole or not at all. */
#include "tests/unit/transport/messages.h"

/* A call that is executed, and whose answer brings a right, finds no room in the core. */
static void answer_without_room(void)
{
        ck_assert_uint_eq(deliver_from(1, 7), OUTCOME_OK);
        kernel.answer = (struct arrival){.word_count = 1, .words = {42}, .cap_count = 1};
        kernel.answer.caps[0] = kernel_cap(kernel_right(TRAVELS));
        kernel.core = not_executed(REASON_OVERLOADED);
        delivery_done(0);
        kernel.core = not_executed(REASON_NO_MEMORY);
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 2);
        ck_assert_uint_eq(kernel_watches(), 2);
}

START_TEST(answer_waits_for_room)
{
        answer_without_room();
        kernel.core = OUTCOME_OK;
        bridge_work();
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 3);
        ck_assert_uint_eq(kernel.far_reply[2], OUTCOME_OK);
        ck_assert_uint_eq(kernel.far_message.word[0], 42);
        ck_assert_uint_eq(kernel.far_message.caps, 1);
        ck_assert_uint_eq(transport.far_calls.busy[1], 0);
        ck_assert_uint_eq(kernel_watches(), 2); /* the core holds the right now */
}
END_TEST

START_TEST(answer_that_waits_for_room_ends_with_its_session)
{
        answer_without_room();
        node_restarts(1);
        ck_assert_uint_eq(transport.far_calls.busy[1], 0);
        ck_assert_uint_eq(transport.far_calls.answering, 0);
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

START_TEST(answer_waits_no_longer_than_it_must)
{
        answer_without_room();
        transport.now += 31 * RT_SECOND;
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[2], perhaps_executed(REASON_OVERLOADED));
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

START_TEST(server_that_answers_busy_keeps_no_call_object)
{
        struct core_message message = with_imports(0);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        kernel.ended = not_executed(REASON_BUSY);
        delivery_done(0);
        ck_assert_uint_eq(transport.far_calls.pool[0].state, FAR_CALL_IDLE);
        ck_assert_uint_eq(kernel.far_replies, 1);
}
END_TEST

START_TEST(answer_whose_caller_is_gone_leaves_no_right)
{
        struct core_message message = with_imports(0);
        uint64_t token = held(TRAVELS);
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        kernel.answer.cap_count = 2;
        kernel.answer.caps[0] = kernel_cap(kernel_right(TRAVELS));
        kernel.answer.caps[1] = kernel_cap(kernel_right(TRAVELS));
        kernel.core = not_executed(REASON_BAD_HANDLE);
        delivery_done(0);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

START_TEST(answer_with_what_must_not_travel_is_perhaps_executed)
{
        struct core_message message = with_imports(0);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        kernel.answer.cap_count = 2;
        kernel.answer.caps[0] = kernel_cap(kernel_right(TRAVELS));
        kernel.answer.caps[1] = kernel_cap(kernel_right(RIGHT_SEND | RIGHT_COPY));
        delivery_done(0);
        ck_assert_uint_eq(kernel.far_reply[0], perhaps_executed(REASON_REFUSED));
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel_watches(), 1);
}
END_TEST

/* An answer for a local caller. */
static bool complete(outcome_t outcome, const struct core_message *message)
{
        struct pending_call *call = pending_add(&transport.pending, PENDING_CALL, 9);
        return bridge_environment.complete(NULL, pending_cookie(&transport.pending, call), outcome,
                                           message);
}

START_TEST(answer_without_memory_for_its_capabilities_takes_none)
{
        struct core_message message = with_imports(3);
        kernel.handles_left = 2;
        ck_assert(!complete(OUTCOME_OK, &message));
        ck_assert_uint_eq(kernel.replied, perhaps_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), 0);
        kernel.handles_left = 100;
        ck_assert(complete(OUTCOME_OK, &message));
        ck_assert_uint_eq(kernel.reply.cap_count, 3);
        ck_assert(!bridge_environment.complete(NULL, 4711, OUTCOME_OK, &message));
}
END_TEST

START_TEST(far_busy_is_not_taken_for_a_call_under_way)
{
        struct core_message message = with_imports(0);
        complete(not_executed(REASON_BUSY), &message);
        ck_assert_uint_eq(kernel.replied, not_executed(REASON_OVERLOADED));
}
END_TEST

Suite *answers_suite(void)
{
        Suite *suite = suite_create("answers");
        TCase *tests = tcase_create("answers");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, answer_waits_for_room);
        tcase_add_test(tests, answer_that_waits_for_room_ends_with_its_session);
        tcase_add_test(tests, answer_waits_no_longer_than_it_must);
        tcase_add_test(tests, server_that_answers_busy_keeps_no_call_object);
        tcase_add_test(tests, answer_whose_caller_is_gone_leaves_no_right);
        tcase_add_test(tests, answer_with_what_must_not_travel_is_perhaps_executed);
        tcase_add_test(tests, answer_without_memory_for_its_capabilities_takes_none);
        tcase_add_test(tests, far_busy_is_not_taken_for_a_call_under_way);
        suite_add_tcase(suite, tests);
        return suite;
}
