/* Events that travel: no bit is lost while both nodes live, and the import goes with its last
 * proxy. */
#include "tests/unit/transport/messages.h"

START_TEST(bits_of_a_far_event_are_ored_until_there_is_room)
{
        event_arrives();
        kernel.core_full = 200;
        event_signalled(&transport.events, 0, 1);
        event_signalled(&transport.events, 0, 4);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 0);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.far_message.word[0], 5);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
}
END_TEST

START_TEST(far_event_that_nobody_holds_is_dropped_after_its_last_bits)
{
        event_arrives();
        kernel.core_full = 200;
        event_signalled(&transport.events, 0, 2);
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 1);
        ck_assert_uint_eq(kernel.imports_dropped, 1);
        ck_assert(!event_stands_for(&transport.events, 200));
}
END_TEST

START_TEST(far_event_is_dropped_with_its_last_proxy)
{
        event_arrives();
        event_arrives();
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        event_ended(&transport.events, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.imports_dropped, 1);
}
END_TEST

START_TEST(event_of_a_lost_node_goes_nowhere)
{
        event_arrives();
        event_signalled(&transport.events, 0, 2);
        bridge_environment.import_dead(NULL, 200, REASON_NODE_DIED);
        event_signalled(&transport.events, 0, 4);
        event_ended(&transport.events, 0);
        bridge_work();
        ck_assert_uint_eq(kernel.far_sends, 0);
        ck_assert_uint_eq(kernel.imports_dropped, 0);
        ck_assert(!event_stands_for(&transport.events, 200));
}
END_TEST

START_TEST(proxy_of_an_event_goes_home_as_what_it_stands_for)
{
        handle_t proxy = event_arrives();
        struct received_cap cap = kernel_cap(proxy);
        struct core_message message = {.caps = 0};
        cap.type = OBJECT_EVENT;
        ck_assert_uint_eq(caps_to_core(&cap, 1, &message), OUTCOME_OK);
        ck_assert_uint_eq(message.cap[0].kind, CORE_CAP_IMPORT);
        ck_assert_uint_eq(message.cap[0].id, 200);
}
END_TEST

START_TEST(event_of_this_node_is_signalled_by_a_plain_one_way_message_alone)
{
        uint64_t token;
        struct core_message message = {.words = 1, .word = {6}, .deadline = CORE_NEVER};
        struct received_cap cap = kernel_cap(kernel_right(RIGHTS_ALL));
        struct core_message sent = {.caps = 0};
        cap.type = OBJECT_EVENT;
        ck_assert_uint_eq(caps_to_core(&cap, 1, &sent), OUTCOME_OK);
        token = sent.cap[0].id;
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_EVENT, 3, &message),
                          not_executed(REASON_REFUSED));
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_EVENT, 0, &message),
                          OUTCOME_OK);
        ck_assert_uint_eq(kernel.signalled, 6);
        message = with_imports(1);
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_EVENT, 0, &message),
                          not_executed(REASON_REFUSED));
        caps_release(&sent);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(event_that_may_not_leave_stays)
{
        struct received_cap cap = kernel_cap(kernel_right(RIGHT_SIGNAL | RIGHT_COPY));
        struct core_message message = {.caps = 0};
        cap.type = OBJECT_EVENT;
        ck_assert_uint_eq(caps_to_core(&cap, 1, &message), not_executed(REASON_REFUSED));
}
END_TEST

Suite *signals_suite(void)
{
        Suite *suite = suite_create("signals");
        TCase *tests = tcase_create("signals");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, bits_of_a_far_event_are_ored_until_there_is_room);
        tcase_add_test(tests, far_event_that_nobody_holds_is_dropped_after_its_last_bits);
        tcase_add_test(tests, far_event_is_dropped_with_its_last_proxy);
        tcase_add_test(tests, event_of_a_lost_node_goes_nowhere);
        tcase_add_test(tests, proxy_of_an_event_goes_home_as_what_it_stands_for);
        tcase_add_test(tests, event_of_this_node_is_signalled_by_a_plain_one_way_message_alone);
        tcase_add_test(tests, event_that_may_not_leave_stays);
        suite_add_tcase(suite, tests);
        return suite;
}
