/* Messages with snapshots: they wait until all of them is here, and what comes beside them is kept
 * so long. */
#include "tests/unit/transport/messages.h"

enum { SNAPSHOT = 300, SNAPSHOT_BYTES = 100000 };

static struct core_message with_memory(uint32_t length)
{
        struct core_message message = with_caps(1);
        message.cap[0] = (struct core_cap){.kind = CORE_CAP_IMPORT,
                                           .type = CAPABILITY_MEMORY,
                                           .rights = RIGHTS_ALL,
                                           .length = length,
                                           .id = SNAPSHOT};
        return message;
}

/* The other node answers the read that is under way. */
static void read_ends(outcome_t outcome, uint32_t length)
{
        static uint8_t bytes[WIRE_BYTES_MAX];
        const struct core_message message = {.bytes = bytes, .length = length};
        bridge_environment.complete(NULL, kernel.cookie, outcome,
                                    outcome == OUTCOME_OK ? &message : NULL);
        bridge_work();
}

START_TEST(request_with_memory_is_delivered_when_all_of_it_is_here)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert(!room(0, token)); /* what comes later waits */
        ck_assert(room(0, held(TRAVELS)));
        bridge_work();
        ck_assert_uint_eq(kernel.far_message.word[0], 0);
        ck_assert_uint_eq(kernel.far_message.word[1], WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.far_message.word[0], WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.far_message.word[1], SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 1);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert(room(0, token));
        ck_assert_uint_eq(right_by_token(&transport.rights, token)->references, 1);
        delivery_done(0);
        ck_assert_uint_eq(kernel_handles(), 2);
}
END_TEST

START_TEST(each_snapshot_of_a_message_is_read_from_its_beginning)
{
        struct core_message message = with_memory(300);
        message.cap[message.caps] = message.cap[0];
        message.cap[message.caps].length = 200;
        message.cap[message.caps++].id = SNAPSHOT + 1;
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        ck_assert_uint_eq(kernel.far_message.word[1], 300);
        read_ends(OUTCOME_OK, 300);
        ck_assert_uint_eq(kernel.far_message.word[0], 0);
        ck_assert_uint_eq(kernel.far_message.word[1], 200);
        read_ends(OUTCOME_OK, 200);
        ck_assert_uint_eq(kernel.started.cap_count, 2);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
        ck_assert_uint_eq(kernel.mapped, 0);
}
END_TEST

START_TEST(request_whose_memory_does_not_come_is_not_executed)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        bridge_work();
        read_ends(OUTCOME_OK, 5); /* another piece than was asked for */
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_MALFORMED));
        ck_assert_uint_eq(right_by_token(&transport.rights, token)->references, 1);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        read_ends(perhaps_executed(REASON_DEADLINE), 0);
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[1], not_executed(REASON_DEADLINE));
        ck_assert_uint_eq(kernel_handles(), 2);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
}
END_TEST

START_TEST(more_memory_than_crosses_is_too_long)
{
        struct core_message message = with_memory(FETCH_MOST + 1);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 0);
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_TOO_LONG));
}
END_TEST

START_TEST(memory_waits_until_this_node_has_some)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        kernel.memory_left = FETCH_SPARE;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 0);
        kernel.memory_left = 2 * FETCH_SPARE;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 1);
}
END_TEST

START_TEST(memory_of_a_caller_that_is_gone_is_forgotten)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        bridge_environment.cancel(NULL, 7, REASON_LINK_LOST);
        bridge_environment.import_dead(NULL, SNAPSHOT, REASON_LINK_LOST);
        bridge_work();
        read_ends(perhaps_executed(REASON_LINK_LOST), 0);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel.far_replies, 0);
        ck_assert_uint_eq(transport.far_calls.taken, 0);
}
END_TEST

START_TEST(cancelled_request_with_memory_is_not_executed)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        bridge_environment.cancel(NULL, 7, REASON_CANCELLED);
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[0], not_executed(REASON_CANCELLED));
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

/* A right that comes with it may lose its last handle here before: it stays, and arrives. */
START_TEST(right_beside_memory_is_kept_until_it_is_here)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        message.cap[message.caps++] = with_imports(1).cap[0];
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        bridge_work();
        bridge_no_senders(message.cap[1].id);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 2);
        ck_assert_uint_eq(kernel.imports_dropped, 1); /* the snapshot's */
        bridge_no_senders(message.cap[1].id);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
}
END_TEST

START_TEST(event_beside_memory_is_kept_until_it_is_here)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        event_arrives();
        message.cap[message.caps++] = (struct core_cap){
            .kind = CORE_CAP_IMPORT, .type = CAPABILITY_EVENT, .rights = RIGHTS_ALL, .id = 200};
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 0);
}
END_TEST

/* A request with a snapshot, of which the first piece is asked for, and a right: import 100. */
static void right_comes_beside_memory(void)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        message.cap[message.caps++] = with_imports(1).cap[0];
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        bridge_work();
        kernel.handles_left = 0;
}

/* The core has given it away with the message: nobody else ends it. */
START_TEST(right_beside_memory_for_which_there_is_none_goes_back)
{
        right_comes_beside_memory();
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        ck_assert_uint_eq(kernel.started.cap_count, 0);
        ck_assert_uint_eq(kernel.imports_dropped, 2); /* with the snapshot's */
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

START_TEST(right_beside_memory_that_does_not_come_goes_back)
{
        right_comes_beside_memory();
        read_ends(perhaps_executed(REASON_DEADLINE), 0);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

START_TEST(right_beside_memory_that_somebody_has_stays)
{
        handle_t proxy = bridge_proxy(100, TRAVELS);
        right_comes_beside_memory();
        read_ends(perhaps_executed(REASON_DEADLINE), 0);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        sys_handle_close(proxy);
        bridge_no_senders(100);
        ck_assert_uint_eq(kernel.imports_dropped, 2);
}
END_TEST

/* What has died meanwhile arrives as a dead right that says why. */
START_TEST(right_beside_memory_that_dies_arrives_dead)
{
        struct core_message message = with_memory(SNAPSHOT_BYTES);
        uint64_t token = held(TRAVELS);
        message.cap[message.caps++] = with_imports(1).cap[0];
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        bridge_work();
        bridge_environment.import_dead(NULL, message.cap[1].id, REASON_RECEIVER_DIED);
        read_ends(OUTCOME_OK, WIRE_BYTES_MAX);
        read_ends(OUTCOME_OK, SNAPSHOT_BYTES - WIRE_BYTES_MAX);
        uint64_t identity = kernel.handle[kernel.started.caps[1].handle].identity;
        ck_assert_uint_eq(kernel.right[identity].dead, REASON_RECEIVER_DIED);
}
END_TEST

Suite *fetches_suite(void)
{
        Suite *suite = suite_create("fetches");
        TCase *tests = tcase_create("fetches");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, request_with_memory_is_delivered_when_all_of_it_is_here);
        tcase_add_test(tests, each_snapshot_of_a_message_is_read_from_its_beginning);
        tcase_add_test(tests, request_whose_memory_does_not_come_is_not_executed);
        tcase_add_test(tests, more_memory_than_crosses_is_too_long);
        tcase_add_test(tests, memory_waits_until_this_node_has_some);
        tcase_add_test(tests, memory_of_a_caller_that_is_gone_is_forgotten);
        tcase_add_test(tests, cancelled_request_with_memory_is_not_executed);
        tcase_add_test(tests, right_beside_memory_is_kept_until_it_is_here);
        tcase_add_test(tests, event_beside_memory_is_kept_until_it_is_here);
        tcase_add_test(tests, right_beside_memory_for_which_there_is_none_goes_back);
        tcase_add_test(tests, right_beside_memory_that_does_not_come_goes_back);
        tcase_add_test(tests, right_beside_memory_that_somebody_has_stays);
        tcase_add_test(tests, right_beside_memory_that_dies_arrives_dead);
        suite_add_tcase(suite, tests);
        return suite;
}
