/* The table of rights that other nodes hold: one handle and one watch for each, however often it is
 * held, and whichever dies first. */
#include <string.h>
#include "tests/unit/transport/messages.h"

START_TEST(holding_a_right_often_leaves_no_watch)
{
        handle_t right = kernel_right(TRAVELS), copy;
        uint64_t token;
        for (unsigned i = 0; i < 1000; i++) {
                kernel.handles_left = 10;
                sys_handle_copy(right, TRAVELS, &copy);
                right_hold(&transport.rights, copy, CAPABILITY_SEND, &token);
                ck_assert_uint_eq(kernel_watches(), 1);
                right_release(&transport.rights, token);
        }
        ck_assert_uint_eq(kernel_watches(), 0);
        ck_assert_uint_eq(kernel_handles(), 1);
}
END_TEST

START_TEST(of_two_handles_the_one_that_allows_more_is_kept)
{
        handle_t weak, strong = kernel_right(TRAVELS);
        uint64_t token;
        sys_handle_copy(strong, RIGHT_SEND, &weak);
        right_hold(&transport.rights, weak, CAPABILITY_SEND, &token);
        right_hold(&transport.rights, strong, CAPABILITY_SEND, &token);
        ck_assert_uint_eq(kernel_handles(), 1);
        ck_assert_uint_eq(right_by_token(&transport.rights, token)->handle, strong);
        right_release(&transport.rights, token);
        right_release(&transport.rights, token);
        ck_assert_uint_eq(kernel_handles(), 0);
}
END_TEST

static uint64_t others[8];
static unsigned other_count, told;

static void tell(uint64_t token, enum reason reason)
{
        ck_assert_int_eq(reason, REASON_RECEIVER_DIED);
        told++;
        right_release(&transport.rights, token);
        for (unsigned i = 0; i < other_count; i++)
                right_release(&transport.rights, others[i]);
        other_count = 0;
}

/* Fills the table; returns how many of a bucket, two or three, it has named. */
static unsigned fill(uint64_t in_bucket[3])
{
        unsigned found = 0;
        for (unsigned i = 0; i < 2 * RIGHTS_BUCKETS + 1; i++) {
                uint64_t token = held(TRAVELS);
                if (token % RIGHTS_BUCKETS == 5 && found < 3)
                        in_bucket[found++] = token;
        }
        ck_assert_uint_ge(found, 2);
        return found;
}

/* What the end of one right sets free may be the next in its bucket. */
START_TEST(death_of_one_right_may_release_any_other)
{
        uint64_t in_bucket[3];
        unsigned found = fill(in_bucket);
        kernel.right[in_bucket[0]].dead = REASON_RECEIVER_DIED;
        other_count = found - 1;
        memcpy(others, in_bucket + 1, sizeof(*others) * other_count);
        told = 0;
        rights_signalled(&transport.rights);
        unsigned parts = 1;
        while (rights_check(&transport.rights, tell))
                parts++;
        ck_assert_uint_eq(told, 1);
        ck_assert_uint_eq(parts, RIGHTS_BUCKETS / RIGHTS_CHECKED);
}
END_TEST

static void only_count(uint64_t token, enum reason reason)
{
        ck_assert_uint_eq(right_death(&transport.rights, token), reason);
        told++;
}

/* A dead right whose holders have not given it back yet hides no other of its bucket, and is
 * reported once. */
START_TEST(each_dead_right_is_reported_once)
{
        uint64_t in_bucket[3];
        unsigned found = fill(in_bucket);
        told = 0;
        for (unsigned round = 0; round < 2; round++) {
                for (unsigned i = 0; i < found; i++)
                        kernel.right[in_bucket[i]].dead = REASON_REVOKED;
                rights_signalled(&transport.rights);
                while (rights_check(&transport.rights, only_count))
                        ;
                ck_assert_uint_eq(told, found);
        }
        for (unsigned i = 0; i < found; i++)
                right_release(&transport.rights, in_bucket[i]);
        ck_assert_uint_eq(right_death(&transport.rights, in_bucket[0]), 0);
}
END_TEST

Suite *rights_suite(void)
{
        Suite *suite = suite_create("rights");
        TCase *tests = tcase_create("rights");
        tcase_add_checked_fixture(tests, kernel_reset, NULL);
        tcase_add_test(tests, holding_a_right_often_leaves_no_watch);
        tcase_add_test(tests, of_two_handles_the_one_that_allows_more_is_kept);
        tcase_add_test(tests, death_of_one_right_may_release_any_other);
        tcase_add_test(tests, each_dead_right_is_reported_once);
        suite_add_tcase(suite, tests);
        return suite;
}
