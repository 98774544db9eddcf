/* Reply rights that travel: each is answered once, from wherever it is, or dies and says why. */
#include "tests/unit/transport/messages.h"

static struct core_message with_reply(core_import_t import)
{
        struct core_message message = {.caps = 1, .deadline = CORE_NEVER};
        message.cap[0] =
            (struct core_cap){.kind = CORE_CAP_IMPORT, .type = CAPABILITY_REPLY, .id = import};
        return message;
}

/* A request with a reply right of import 100, which its receiver has. */
static void reply_right_arrives(void)
{
        struct core_message message = with_reply(100);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        ck_assert_uint_eq(kernel.started.cap_count, 1);
        ck_assert_uint_eq(transport.replies.pool[0].import, 100);
}

START_TEST(answer_by_a_far_reply_right_goes_where_it_came_from_once)
{
        reply_right_arrives();
        kernel.answer = (struct arrival){.word_count = 1, .words = {42}};
        kernel.ended = answered(REASON_NOT_FOUND);
        bridge_reply_done(0);
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.far_message.outcome, answered(REASON_NOT_FOUND));
        ck_assert_uint_eq(kernel.far_message.word[0], 42);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        bridge_reply_done(0); /* a notice that comes too late */
        ck_assert_uint_eq(kernel.far_sends, 1);
}
END_TEST

START_TEST(answer_by_a_far_reply_right_waits_for_room)
{
        reply_right_arrives();
        kernel.core_full = 100;
        bridge_reply_done(0);
        ck_assert_uint_eq(kernel.far_sends, 0);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
}
END_TEST

START_TEST(far_reply_right_dies_with_its_import)
{
        reply_right_arrives();
        bridge_environment.import_dead(NULL, 100, REASON_NODE_DIED);
        ck_assert_uint_eq(kernel.calls_closed, 1);
        bridge_reply_done(0);
        ck_assert_uint_eq(kernel.far_sends, 0);
}
END_TEST

START_TEST(no_more_far_reply_rights_than_there_are_buffers)
{
        struct core_message message = with_reply(100);
        for (unsigned i = 0; i < REPLIES_MAX; i++)
                ck_assert_uint_ne(reply_proxy(&transport.replies, 100 + i), 0);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), not_executed(REASON_NO_MEMORY));
}
END_TEST

/* The message that brings it is not executed either, and the place serves the next one. */
START_TEST(far_reply_right_that_cannot_be_made_is_none)
{
        struct core_message message = with_reply(100);
        uint64_t token = held(TRAVELS);
        unsigned handles = kernel_handles();
        kernel.start = not_executed(REASON_NO_MEMORY);
        ck_assert_uint_eq(reply_proxy(&transport.replies, 100), 0);
        ck_assert_uint_eq(deliver(token, &message), not_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), handles);
        ck_assert_uint_eq(transport.replies.pool[0].call, 0);
        kernel.start = OUTCOME_OK;
        ck_assert_uint_ne(reply_proxy(&transport.replies, 100), 0);
}
END_TEST

static uint64_t held_reply(void)
{
        uint64_t token;
        ck_assert_uint_eq(right_hold(&transport.rights, kernel_right(0), CAPABILITY_REPLY, &token),
                          OUTCOME_OK);
        return token;
}

START_TEST(reply_right_of_this_node_is_answered_by_a_one_way_message_alone)
{
        struct core_message message = {
            .outcome = answered(REASON_IO), .words = 1, .word = {7}, .deadline = CORE_NEVER};
        uint64_t token = held_reply();
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_REPLY, 5, &message),
                          not_executed(REASON_REFUSED));
        transport.far_calls.used = FAR_CALLS_MAX; /* it needs none of the pool */
        ck_assert(room(0, token));
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_REPLY, 0, &message),
                          OUTCOME_OK);
        ck_assert_uint_eq(kernel.replied, answered(REASON_IO));
        ck_assert_uint_eq(kernel.reply.words[0], 7);
        right_release(&transport.rights, token);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(reply_right_that_is_lost_with_its_node_tells_why)
{
        const struct core_peer_info down = {.slot = 3, .reason = REASON_NODE_DIED};
        bridge_environment.peer_up(NULL, &down);
        bridge_environment.right_drop(NULL, held_reply());
        bridge_settle(); /* that one was given back */
        ck_assert_uint_eq(kernel.replied, OUTCOME_OK);
        ck_assert_uint_eq(kernel_handles(), 0);
        bridge_environment.right_drop(NULL, held_reply());
        bridge_environment.peer_down(NULL, &down);
        ck_assert_uint_eq(kernel.replied, perhaps_executed(REASON_NODE_DIED));
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

Suite *replies_suite(void)
{
        Suite *suite = suite_create("replies");
        TCase *tests = tcase_create("replies");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, answer_by_a_far_reply_right_goes_where_it_came_from_once);
        tcase_add_test(tests, answer_by_a_far_reply_right_waits_for_room);
        tcase_add_test(tests, far_reply_right_dies_with_its_import);
        tcase_add_test(tests, no_more_far_reply_rights_than_there_are_buffers);
        tcase_add_test(tests, far_reply_right_that_cannot_be_made_is_none);
        tcase_add_test(tests, reply_right_of_this_node_is_answered_by_a_one_way_message_alone);
        tcase_add_test(tests, reply_right_that_is_lost_with_its_node_tells_why);
        suite_add_tcase(suite, tests);
        return suite;
}
