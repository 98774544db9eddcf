/* Capabilities in messages, both ways: what may not travel is refused, what has died says so, and
 * whatever fails, no handle or watch is left. */
#include <string.h>
#include "tests/unit/transport/messages.h"

START_TEST(proxy_speaks_for_its_port)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        handle_t proxy = bridge_proxy(5, TRAVELS);
        ck_assert_uint_eq(sys_handle_info(proxy, &type, &rights, &identity), OUTCOME_OK);
        ck_assert_uint_eq(rights, TRAVELS | RIGHT_PROXY);
}
END_TEST

/* What came with a request belongs to the serve loop, which closes what was not taken. */
static outcome_t request_with(struct received_cap *caps, unsigned count)
{
        static const uint64_t no_words[MESSAGE_WORDS];
        struct request request = {
            .badge = 5, .reply = 9, .deadline = CORE_NEVER, .words = no_words};
        request.caps = caps;
        request.cap_count = (uint8_t)count;
        outcome_t outcome = bridge_request(&request);
        struct arrival rest = {.cap_count = (uint8_t)count};
        memcpy(rest.caps, caps, count * sizeof(*caps));
        arrival_drop(&rest);
        return outcome;
}

START_TEST(refused_request_leaves_no_right)
{
        struct received_cap caps[3] = {kernel_cap(kernel_right(TRAVELS)),
                                       kernel_cap(kernel_right(TRAVELS)),
                                       kernel_cap(kernel_right(RIGHT_SEND | RIGHT_TRAVEL))};
        ck_assert_uint_eq(request_with(caps, 3), not_executed(REASON_REFUSED));
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel_watches(), 0);
        struct received_cap more[2] = {kernel_cap(kernel_right(TRAVELS)),
                                       kernel_cap(kernel_right(TRAVELS))};
        kernel.core = not_executed(REASON_OVERLOADED);
        ck_assert_uint_eq(request_with(more, 2), not_executed(REASON_OVERLOADED));
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel_watches(), 0);
}
END_TEST

START_TEST(capability_that_died_on_the_way_says_so)
{
        struct received_cap caps[2] = {{.type = OBJECT_NONE}, kernel_cap(kernel_right(TRAVELS))};
        kernel.right[caps[1].identity].dead = REASON_REVOKED;
        ck_assert_uint_eq(request_with(caps, 2), RT_DEFERRED);
        ck_assert_int_eq(kernel.far_message.cap[0].kind, CORE_CAP_NONE);
        ck_assert_uint_eq(kernel.far_message.cap[0].reason, REASON_RECEIVER_DIED);
        ck_assert_uint_eq(kernel.far_message.cap[1].reason, REASON_REVOKED);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(proxy_that_must_not_travel_does_not)
{
        struct received_cap cap = {
            .type = OBJECT_PORT, .own = 1, .badge = 77, .rights = RIGHT_SEND | RIGHT_COPY};
        ck_assert_uint_eq(request_with(&cap, 1), not_executed(REASON_REFUSED));
}
END_TEST

static struct received_cap proxy_of(core_import_t import)
{
        return (struct received_cap){
            .type = OBJECT_PORT, .own = 1, .badge = import, .rights = TRAVELS};
}

START_TEST(what_a_waiting_message_passes_on_is_held_until_the_core_has_it)
{
        struct received_cap cap = proxy_of(77);
        kernel.core_full = 5;
        ck_assert_uint_eq(request_with(&cap, 1), RT_DEFERRED);
        ck_assert_uint_eq(kernel_handles(), 1);
        kernel.core_full = 0;
        bridge_work();
        ck_assert_uint_eq(kernel.far_calls, 1);
        ck_assert_uint_eq(kernel.far_message.cap[0].id, 77);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

START_TEST(what_a_waiting_answer_passes_on_is_held_until_the_core_has_it)
{
        ck_assert_uint_eq(deliver_from(1, 7), OUTCOME_OK);
        unsigned handles = kernel_handles();
        kernel.answer = (struct arrival){.cap_count = 1};
        kernel.answer.caps[0] = proxy_of(77);
        kernel.core = not_executed(REASON_OVERLOADED);
        delivery_done(0);
        ck_assert_uint_eq(kernel_handles(), handles + 1);
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(kernel.far_message.cap[0].id, 77);
        ck_assert_uint_eq(kernel_handles(), handles);
}
END_TEST

START_TEST(right_comes_home_with_no_more_than_it_left_with)
{
        uint64_t token = held(TRAVELS);
        struct core_message message = {.caps = 2, .deadline = CORE_NEVER};
        message.cap[0] = (struct core_cap){
            .kind = CORE_CAP_LOCAL, .rights = RIGHT_SEND | RIGHT_TRAVEL, .id = token};
        message.cap[1] =
            (struct core_cap){.kind = CORE_CAP_IMPORT, .rights = RIGHT_SEND, .id = 100};
        ck_assert_uint_eq(deliver(token, &message), OUTCOME_OK);
        ck_assert_uint_eq(kernel.handle[kernel.started.caps[0].handle].rights,
                          RIGHT_SEND | RIGHT_TRAVEL);
        ck_assert_uint_eq(kernel.handle[kernel.started.caps[1].handle].rights, RIGHT_SEND);
}
END_TEST

START_TEST(capability_that_is_none_arrives_dead_whatever_its_reason)
{
        struct core_message message = {.caps = 1, .deadline = CORE_NEVER};
        message.cap[0] = (struct core_cap){.kind = CORE_CAP_NONE, .reason = 4711};
        ck_assert_uint_eq(deliver(held(TRAVELS), &message), OUTCOME_OK);
        uint64_t identity = kernel.handle[kernel.started.caps[0].handle].identity;
        ck_assert_uint_eq(kernel.right[identity].dead, REASON_REVOKED);
}
END_TEST

Suite *capabilities_suite(void)
{
        Suite *suite = suite_create("capabilities");
        TCase *tests = tcase_create("capabilities");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, proxy_speaks_for_its_port);
        tcase_add_test(tests, refused_request_leaves_no_right);
        tcase_add_test(tests, capability_that_died_on_the_way_says_so);
        tcase_add_test(tests, proxy_that_must_not_travel_does_not);
        tcase_add_test(tests, what_a_waiting_message_passes_on_is_held_until_the_core_has_it);
        tcase_add_test(tests, what_a_waiting_answer_passes_on_is_held_until_the_core_has_it);
        tcase_add_test(tests, right_comes_home_with_no_more_than_it_left_with);
        tcase_add_test(tests, capability_that_is_none_arrives_dead_whatever_its_reason);
        suite_add_tcase(suite, tests);
        return suite;
}
