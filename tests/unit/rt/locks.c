/* Locks: what is in the way of what, what is cut, joined and given back, and who waits for whom. */
#include "servers/rt/serve/locks.h"
#include <stdlib.h>
#include <string.h>
#include "tests/unit/rt/suites.h"

enum { FILE_A = 7, OWNERS = 4, BYTES = 24 };

static struct locks locks;

static void setup(void)
{
        locks = (struct locks){0};
}

static struct lock part(uint64_t owner, uint64_t start, uint64_t end, bool exclusive)
{
        return (struct lock){.file = FILE_A,
                             .owner = owner,
                             .process = owner,
                             .start = start,
                             .end = end,
                             .exclusive = exclusive};
}

/* Holds it if nothing is in the way. */
static bool hold(uint64_t owner, uint64_t start, uint64_t end, bool exclusive)
{
        const struct lock wanted = part(owner, start, end, exclusive);
        if (locks_in_way(&locks, &wanted))
                return false;
        ck_assert_uint_eq(locks_hold(&locks, &wanted), OUTCOME_OK);
        return true;
}

static void release(uint64_t owner, uint64_t start, uint64_t end)
{
        const struct lock range = part(owner, start, end, false);
        ck_assert_uint_eq(locks_release(&locks, &range), OUTCOME_OK);
}

static void await(uint64_t owner, uint64_t start, uint64_t end, handle_t reply)
{
        const struct lock wanted = part(owner, start, end, true);
        ck_assert_ptr_nonnull(locks_in_way(&locks, &wanted));
        ck_assert(locks_wait(&locks, &wanted, reply));
}

START_TEST(shared_ones_meet_and_an_exclusive_one_is_alone)
{
        ck_assert(hold(1, 0, 10, false) && hold(2, 5, 15, false));
        ck_assert(!hold(3, 9, 20, true) && hold(3, 15, 20, true));
        ck_assert(!hold(1, 0, 10, true) && !hold(2, 19, 20, false));
        const struct lock wanted = part(4, 0, LOCKS_END, true);
        ck_assert_uint_eq(locks_in_way(&locks, &wanted)->start, 0);
        release(2, 0, LOCKS_END);
        ck_assert(hold(1, 0, 10, true));
        struct lock other = part(2, 0, 10, true);
        other.whole = true;
        ck_assert_ptr_null(locks_in_way(&locks, &other));
        other.whole = false;
        other.file++;
        ck_assert_ptr_null(locks_in_way(&locks, &other));
}
END_TEST

START_TEST(what_an_owner_has_is_cut_replaced_and_joined)
{
        ck_assert(hold(1, 0, 30, true));
        release(1, 10, 20);
        ck_assert_uint_eq(locks.count, 2);
        ck_assert(hold(2, 10, 20, true) && !hold(2, 9, 10, true));
        release(2, 0, LOCKS_END);
        ck_assert(hold(1, 10, 20, true));
        ck_assert_uint_eq(locks.count, 1);
        ck_assert(hold(1, 5, 8, false));
        ck_assert_uint_eq(locks.count, 3);
        ck_assert(hold(2, 5, 8, false) && !hold(2, 4, 5, false));
        locks_end(&locks, 1);
        ck_assert_uint_eq(locks.count, 1);
}
END_TEST

START_TEST(ranges_are_not_empty_and_end_with_the_longest_file)
{
        const struct lock good = part(1, 0, LOCKS_END, true), empty = part(1, 5, 5, true),
                          long_one = part(1, 0, LOCKS_END + 1, true);
        ck_assert(lock_valid(&good) && !lock_valid(&empty) && !lock_valid(&long_one));
}
END_TEST

START_TEST(an_owner_has_a_share_and_what_does_not_fit_changes_nothing)
{
        for (uint64_t i = 0; i < LOCKS_OF_OWNER - 1; i++)
                ck_assert(hold(1, 3 * i, 3 * i + 2, true));
        const struct lock within = part(1, 0, 1, false), more = part(1, 1000000, 1000001, true);
        ck_assert_uint_eq(locks_hold(&locks, &more), OUTCOME_OK);
        const struct lock too_many = part(1, 2000000, 2000001, true);
        ck_assert_uint_eq(locks_hold(&locks, &too_many), answered(REASON_NO_SPACE));
        ck_assert_uint_eq(locks.count, LOCKS_OF_OWNER);
        ck_assert(!hold(2, 0, 1, true));
        const struct lock whole = part(1, 0, LOCKS_END, true);
        ck_assert_uint_eq(locks_hold(&locks, &whole), OUTCOME_OK);
        ck_assert_uint_eq(locks.count, 1);
        ck_assert_uint_eq(locks_hold(&locks, &within), OUTCOME_OK);
        for (uint64_t owner = 2; locks.count < LOCKS_MAX; owner++)
                for (uint64_t i = 0; i < LOCKS_OF_OWNER; i++) {
                        struct lock lock = part(owner, 3 * i, 3 * i + 2, true);
                        lock.file = lock.client = 100 + owner;
                        if (locks_hold(&locks, &lock) == OUTCOME_OK)
                                continue;
                        ck_assert_uint_gt(i, 0); /* whoever comes new has something */
                        break;
                }
        const struct lock middle = part(1, 100, 101, false);
        ck_assert_uint_eq(locks_release(&locks, &middle), answered(REASON_NO_SPACE));
        ck_assert_uint_eq(locks.count, LOCKS_MAX);
        release(1, 0, LOCKS_END);
}
END_TEST

START_TEST(who_waits_is_served_in_order_once_nothing_is_in_the_way)
{
        struct lock_wait wait;
        ck_assert(hold(1, 0, 10, true));
        await(2, 5, 10, 22);
        await(3, 0, 10, 33);
        await(4, 0, 5, 44);
        ck_assert(!locks_next(&locks, &wait));
        release(1, 0, 5);
        ck_assert(locks_next(&locks, &wait) && wait.reply == 44);
        ck_assert_uint_eq(locks_hold(&locks, &wait.wanted), OUTCOME_OK);
        ck_assert(!locks_next(&locks, &wait) && locks_forget(&locks, 22));
        ck_assert(!locks_forget(&locks, 22));
        locks_end(&locks, 1);
        locks_end(&locks, 4);
        ck_assert(locks_next(&locks, &wait) && wait.reply == 33 && !locks_next(&locks, &wait));
        ck_assert(hold(1, 0, 10, true));
        for (unsigned i = 0; i < LOCK_WAITS_OF_OWNER; i++)
                await(2, 0, 1, 100 + i);
        const struct lock wanted = part(2, 0, 1, true);
        ck_assert(!locks_wait(&locks, &wanted, 1));
}
END_TEST

/* It would have a lock that nobody could end. */
START_TEST(an_owner_that_is_gone_waits_for_nothing)
{
        struct lock_wait wait;
        handle_t reply = 0;
        ck_assert(hold(1, 0, 10, true) && hold(2, 20, 30, true));
        await(2, 0, 10, 22);
        await(3, 0, 10, 33);
        await(2, 0, 5, 23);
        ck_assert(locks_give_up(&locks, 2, &reply) && reply == 22);
        ck_assert(locks_give_up(&locks, 2, &reply) && reply == 23);
        ck_assert(!locks_give_up(&locks, 2, &reply));
        locks_end(&locks, 2);
        release(1, 0, 10);
        ck_assert(locks_next(&locks, &wait) && wait.reply == 33 && !locks_next(&locks, &wait));
        ck_assert_uint_eq(locks.count, 0);
}
END_TEST

/* One client's process has the number of another's. */
START_TEST(nobody_is_taken_for_a_process_of_another_client)
{
        struct lock first = part(1, 0, 1, true), second = part(2, 10, 11, true);
        ck_assert_uint_eq(locks_hold(&locks, &first), OUTCOME_OK);
        ck_assert_uint_eq(locks_hold(&locks, &second), OUTCOME_OK);
        struct lock wanted = part(2, 0, 1, true), back = part(3, 10, 11, true);
        ck_assert(locks_wait(&locks, &wanted, 22));
        back.process = 1;
        ck_assert(locks_circle(&locks, &back));
        back.client = 9;
        ck_assert(!locks_circle(&locks, &back));
}
END_TEST

START_TEST(a_circle_is_found_however_long)
{
        for (uint64_t owner = 1; owner <= OWNERS; owner++)
                ck_assert(hold(owner, owner, owner + 1, true));
        for (uint64_t owner = 1; owner < OWNERS; owner++) {
                const struct lock wanted = part(owner, owner + 1, owner + 2, true);
                ck_assert(!locks_circle(&locks, &wanted));
                await(owner, owner + 1, owner + 2, (handle_t)owner);
        }
        struct lock last = part(OWNERS, 1, 2, true);
        ck_assert(locks_circle(&locks, &last));
        last.process = 0;
        ck_assert(!locks_circle(&locks, &last));
        const struct lock free_one = part(OWNERS, 100, 101, true);
        ck_assert(!locks_circle(&locks, &free_one));
}
END_TEST

/* Against a table with one place for each byte and owner. */
START_TEST(any_sequence_ends_as_byte_by_byte)
{
        static char table[OWNERS][BYTES]; /* 0, 's', 'x' */
        srand(1);
        for (int step = 0; step < 200000; step++) {
                const uint64_t start = (uint64_t)rand() % BYTES;
                const uint64_t end = start + 1 + (uint64_t)rand() % (BYTES - start);
                const unsigned owner = (unsigned)rand() % OWNERS, what = (unsigned)rand() % 3;
                bool free_one = true;
                for (unsigned other = 0; what && other < OWNERS; other++)
                        for (uint64_t i = start; other != owner && i < end; i++)
                                if (table[other][i] == 'x' || (table[other][i] && what == 2))
                                        free_one = false;
                if (what)
                        ck_assert(hold(owner + 1, start, end, what == 2) == free_one);
                else
                        release(owner + 1, start, end);
                if (free_one)
                        memset(&table[owner][start], what == 2 ? 'x' : what ? 's' : 0, end - start);
                unsigned pieces = 0;
                for (unsigned o = 0; o < OWNERS; o++)
                        for (int i = 0; i < BYTES; i++)
                                pieces += table[o][i] && (i == 0 || table[o][i - 1] != table[o][i]);
                ck_assert_uint_eq(pieces, locks.count);
        }
}
END_TEST

TCase *lock_tests(void)
{
        TCase *tcase = tcase_create("locks");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, shared_ones_meet_and_an_exclusive_one_is_alone);
        tcase_add_test(tcase, what_an_owner_has_is_cut_replaced_and_joined);
        tcase_add_test(tcase, ranges_are_not_empty_and_end_with_the_longest_file);
        tcase_add_test(tcase, an_owner_has_a_share_and_what_does_not_fit_changes_nothing);
        tcase_add_test(tcase, who_waits_is_served_in_order_once_nothing_is_in_the_way);
        tcase_add_test(tcase, an_owner_that_is_gone_waits_for_nothing);
        tcase_add_test(tcase, nobody_is_taken_for_a_process_of_another_client);
        tcase_add_test(tcase, a_circle_is_found_however_long);
        tcase_add_test(tcase, any_sequence_ends_as_byte_by_byte);
        return tcase;
}
