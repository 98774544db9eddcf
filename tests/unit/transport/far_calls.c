/* Calls of other nodes: whose they are, how many each peer has room for, and how they are given
 * up. */
#include "netipc/server/gather.h"
#include "tests/unit/transport/messages.h"

START_TEST(request_that_is_not_executed_leaves_no_handle)
{
        struct core_message message = with_imports(3);
        uint64_t token = held(TRAVELS);
        handle_t other = kernel_right(TRAVELS);
        transport.far_calls.pool[0].handle[3] = other; /* an earlier call's number, taken since */
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert_uint_eq(kernel_handles(), 5);
        kernel.ended = not_executed(REASON_DEADLINE);
        delivery_done(0);
        ck_assert_uint_eq(kernel_handles(), 2);
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_DEADLINE));
}
END_TEST

START_TEST(request_that_does_not_start_leaves_no_handle)
{
        struct core_message message = with_imports(3);
        uint64_t token = held(TRAVELS);
        kernel.start = not_executed(REASON_RECEIVER_DIED);
        ck_assert_uint_eq(deliver(token, &message), kernel.start);
        kernel.start = OUTCOME_OK;
        kernel.handles_left = 2;
        ck_assert_uint_eq(deliver(token, &message), not_executed(REASON_NO_MEMORY));
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(transport.far_calls.pool[0].state, FAR_CALL_IDLE);
}
END_TEST

/* How many calls to a right of its own each peer may have. */
static unsigned fill(unsigned peer, bool one_right)
{
        unsigned count = 0;
        uint64_t token = held(TRAVELS);
        while (room(peer, token)) {
                ck_assert_uint_eq(deliver_from(peer, 1000 * peer + count++), OUTCOME_OK);
                if (one_right)
                        transport.far_calls.pool[transport.far_calls.used - 1].token = token;
        }
        return count;
}

/* Whatever order calls end in, all of the pool can be taken again. */
START_TEST(calls_that_have_ended_leave_room_for_as_many)
{
        const unsigned count = fill(0, false);
        ck_assert_uint_gt(count, 2);
        for (unsigned i = 0; i < count; i++) {
                delivery_done(i);
                kernel.far_replies = 0;
        }
        ck_assert_uint_eq(transport.far_calls.taken, 0);
        ck_assert_uint_eq(fill(0, false), count);
        ck_assert_uint_eq(transport.far_calls.used, count);
}
END_TEST

START_TEST(peers_that_are_up_share_the_pool)
{
        const struct core_peer_info info = {.slot = 9};
        transport.far_calls.peers = 31;
        bridge_environment.peer_up(NULL, &info);
        ck_assert_uint_eq(fill(1, false), FAR_CALLS_MAX - 30);
        ck_assert_uint_eq(kernel.resumed, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.resumed, 1); /* somebody waits: is asked again */
        bridge_work();
        ck_assert_uint_eq(kernel.resumed, 1);
        for (unsigned peer = 2; peer <= 31; peer++) {
                bridge_environment.peer_up(NULL, &info);
                ck_assert_uint_eq(fill(peer, false), 1);
        }
        ck_assert_uint_eq(transport.far_calls.taken, FAR_CALLS_MAX);
}
END_TEST

START_TEST(peer_has_its_share_and_no_more)
{
        const struct core_peer_info info = {.slot = 9};
        transport.far_calls.peers = 31;
        bridge_environment.peer_up(NULL, &info);
        bridge_environment.peer_up(NULL, &info);
        ck_assert_uint_eq(fill(1, false), (FAR_CALLS_MAX - 29) / 2);
        ck_assert_uint_eq(fill(2, false), (FAR_CALLS_MAX - 29) / 2);
}
END_TEST

START_TEST(receiver_that_never_answers_leaves_room_for_others)
{
        ck_assert_uint_eq(fill(1, true), FAR_CALLS_MAX - FAR_CALLS_MAX / 4);
        ck_assert_uint_eq(fill(1, false), FAR_CALLS_MAX / 4);
        ck_assert_uint_eq(deliver_from(1, 1), not_executed(REASON_OVERLOADED));
}
END_TEST

START_TEST(large_requests_of_one_peer_leave_room_for_those_of_others)
{
        static uint8_t bytes[MESSAGE_BYTES_MAX];
        struct core_message message = {
            .peer = 1, .deadline = CORE_NEVER, .length = sizeof bytes, .bytes = bytes};
        uint64_t token = held(TRAVELS);
        transport.far_calls.peers = 3;
        unsigned taken = 0;
        for (; bridge_environment.room(NULL, token, 1, message.length); taken++)
                ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert_uint_eq(taken, FAR_CALLS_LARGE / 2);
        ck_assert(bridge_environment.room(NULL, token, 2, message.length));
        ck_assert(room(1, token));
        delivery_done(0);
        ck_assert(bridge_environment.room(NULL, token, 1, message.length));
}
END_TEST

/* One byte more makes it a large one. */
START_TEST(request_that_just_fits_the_small_buffer_is_no_large_one)
{
        static uint8_t bytes[FAR_CALL_BYTES_SMALL];
        struct core_message message = {
            .peer = 1, .deadline = CORE_NEVER, .length = sizeof bytes, .bytes = bytes};
        uint64_t token = held(TRAVELS);
        for (unsigned taken = 0; taken < 2 * FAR_CALLS_LARGE; taken++) {
                ck_assert(bridge_environment.room(NULL, token, 1, message.length));
                ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        }
        ck_assert_uint_eq(transport.far_calls.large, 0);
        transport.far_calls.large = FAR_CALLS_LARGE;
        ck_assert(bridge_environment.room(NULL, token, 1, message.length));
        ck_assert(!bridge_environment.room(NULL, token, 1, message.length + 1));
        transport.far_calls.large = 0;
}
END_TEST

START_TEST(hung_server_takes_nothing_from_the_next_life_of_a_node)
{
        transport.far_calls.peers = 2;
        for (unsigned life = 1; life < 4; life++) {
                ck_assert_uint_eq(deliver_from(1, 10 * life), OUTCOME_OK);
                ck_assert_uint_eq(deliver_from(1, 0), OUTCOME_OK);
                ck_assert_uint_eq(deliver_from(1, 10 * life + 1), OUTCOME_OK);
                ck_assert_uint_eq(deliver_from(2, 0), OUTCOME_OK);
                bridge_environment.cancel(NULL, 10 * life, REASON_NODE_RESTARTED);
                bridge_environment.cancel(NULL, 10 * life + 1, REASON_NODE_RESTARTED);
                node_restarts(1);
                ck_assert_uint_eq(transport.far_calls.busy[1], 0);
                ck_assert_uint_eq(transport.far_calls.busy[2], 1);
                ck_assert_uint_eq(kernel.calls_closed, 4 * life - 1);
                node_restarts(2);
        }
        ck_assert_uint_eq(kernel.far_replies, 0);
}
END_TEST

START_TEST(who_is_given_a_message_beside_others_runs_before_more_is_taken)
{
        while (gather_more(false))
                ;
        deliver_from(1, 1);
        ck_assert(!gather_wanted());
        deliver_from(1, 2);
        ck_assert(gather_wanted());
}
END_TEST

START_TEST(call_whose_caller_is_gone_is_given_up)
{
        ck_assert_uint_eq(deliver_from(1, 7), OUTCOME_OK);
        bridge_environment.cancel(NULL, 7, REASON_CANCELLED);
        ck_assert_uint_eq(kernel.calls_cancelled, 1);
        ck_assert_uint_eq(kernel.calls_closed, 0);
        bridge_environment.cancel(NULL, 7, REASON_DEADLINE);
        ck_assert_uint_eq(kernel.calls_closed, 1);
        ck_assert_uint_eq(kernel.far_replies, 0); /* callbacks do not call the core */
        delivery_done(0);
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 1);
        ck_assert_uint_eq(kernel.far_reply[0], perhaps_executed(REASON_DEADLINE));
        ck_assert_uint_eq(transport.far_calls.busy[1], 0);
        ck_assert_uint_eq(deliver_from(1, 8), OUTCOME_OK);
        ck_assert_uint_eq(kernel.calls, 2);
}
END_TEST

Suite *far_calls_suite(void)
{
        Suite *suite = suite_create("far_calls");
        TCase *tests = tcase_create("far_calls");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, request_that_is_not_executed_leaves_no_handle);
        tcase_add_test(tests, request_that_does_not_start_leaves_no_handle);
        tcase_add_test(tests, calls_that_have_ended_leave_room_for_as_many);
        tcase_add_test(tests, peers_that_are_up_share_the_pool);
        tcase_add_test(tests, peer_has_its_share_and_no_more);
        tcase_add_test(tests, receiver_that_never_answers_leaves_room_for_others);
        tcase_add_test(tests, large_requests_of_one_peer_leave_room_for_those_of_others);
        tcase_add_test(tests, request_that_just_fits_the_small_buffer_is_no_large_one);
        tcase_add_test(tests, hung_server_takes_nothing_from_the_next_life_of_a_node);
        tcase_add_test(tests, who_is_given_a_message_beside_others_runs_before_more_is_taken);
        tcase_add_test(tests, call_whose_caller_is_gone_is_given_up);
        suite_add_tcase(suite, tests);
        return suite;
}
