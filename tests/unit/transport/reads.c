/* Snapshots of this node that another one reads: within their bounds, and only such as may
 * cross. */
#include "tests/unit/transport/messages.h"

/* A snapshot of this node that another one may read. */
static uint64_t held_memory(struct core_message *sent, uint64_t length, bool snapshot)
{
        struct received_cap cap = kernel_cap(kernel_right(RIGHTS_ALL));
        *sent = (struct core_message){.caps = 0};
        cap.type = OBJECT_MEMORY;
        cap.badge = length;
        cap.snapshot = snapshot;
        outcome_t outcome = caps_to_core(&cap, 1, sent);
        if (outcome != OUTCOME_OK)
                return outcome;
        ck_assert_uint_eq(sent->cap[0].length, length);
        return sent->cap[0].id;
}

START_TEST(snapshot_is_read_in_pieces_within_its_bounds)
{
        struct core_message sent, read = {.words = 2, .deadline = CORE_NEVER};
        uint64_t token = held_memory(&sent, 8192, true);
        read.word[0] = 4096;
        read.word[1] = 4096;
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, 5, &read),
                          OUTCOME_OK);
        kernel.core = not_executed(REASON_OVERLOADED);
        bridge_work(); /* there is no room */
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(kernel.far_replies, 2);
        ck_assert_uint_eq(kernel.far_message.length, 4096);
        read.word[0] = 4097;
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, 5, &read),
                          OUTCOME_OK);
        bridge_work();
        ck_assert_uint_eq(kernel.far_reply[2], answered(REASON_INVALID));
        ck_assert_uint_eq(kernel.far_message.length, 0);
        ck_assert_uint_eq(bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, 0, &read),
                          not_executed(REASON_REFUSED));
        caps_release(&sent);
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel.mapped, 0);
}
END_TEST

/* The core keeps what there is no room for, until it is asked to look again. */
START_TEST(reads_for_which_there_is_no_room_are_asked_for_again)
{
        struct core_message sent, read = {.words = 2, .word = {0, 8}, .deadline = CORE_NEVER};
        uint64_t token = held_memory(&sent, 4096, true);
        kernel.core = not_executed(REASON_OVERLOADED);
        for (core_call_t call = 1; room(0, token); call++)
                ck_assert_uint_eq(
                    bridge_environment.deliver(NULL, token, CAPABILITY_MEMORY, call, &read),
                    OUTCOME_OK);
        ck_assert_uint_eq(transport.reads.count, READS_MAX);
        kernel.core = OUTCOME_OK;
        bridge_work();
        ck_assert_uint_eq(transport.reads.count, 0);
        ck_assert_uint_eq(kernel.resumed, 1);
        bridge_work();
        ck_assert_uint_eq(kernel.resumed, 1);
        caps_release(&sent);
}
END_TEST

START_TEST(memory_that_is_shared_or_too_large_stays)
{
        struct core_message sent;
        ck_assert_uint_eq(held_memory(&sent, 4096, false), not_executed(REASON_REFUSED));
        ck_assert_uint_eq(held_memory(&sent, FETCH_MOST + 4096, true),
                          not_executed(REASON_TOO_LONG));
        ck_assert_uint_eq(kernel.mapped, 0);
}
END_TEST

START_TEST(snapshots_that_are_too_long_together_are_given_back)
{
        struct core_message sent = {.caps = 0};
        struct received_cap caps[2];
        for (unsigned i = 0; i < 2; i++) {
                caps[i] = kernel_cap(kernel_right(RIGHTS_ALL));
                caps[i].type = OBJECT_MEMORY;
                caps[i].badge = FETCH_MOST / 2 + 4096;
                caps[i].snapshot = true;
        }
        ck_assert_uint_eq(caps_to_core(caps, 2, &sent), not_executed(REASON_TOO_LONG));
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

Suite *reads_suite(void)
{
        Suite *suite = suite_create("reads");
        TCase *tests = tcase_create("reads");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, snapshot_is_read_in_pieces_within_its_bounds);
        tcase_add_test(tests, reads_for_which_there_is_no_room_are_asked_for_again);
        tcase_add_test(tests, memory_that_is_shared_or_too_large_stays);
        tcase_add_test(tests, snapshots_that_are_too_long_together_are_given_back);
        suite_add_tcase(suite, tests);
        return suite;
}
