/* Files' bytes: copy on write, holes, growing, shrinking, and nothing changed where space ends. */
#include "tests/unit/fs/test_fs.h"

#include <stdlib.h>

enum { PLENTY = 1 << 20, SHARED = 3 * CONTENT_BLOCK + 100 };

static uint8_t shared[SHARED];
static struct budget budget;

static struct content content_shared(void)
{
        for (size_t i = 0; i < SHARED; i++)
                shared[i] = (uint8_t)(i * 7 + i / 251);
        budget = (struct budget){.limit = PLENTY};
        return (struct content){.shared = shared, .shared_length = SHARED, .size = SHARED};
}

static void content_gone(struct content *content)
{
        ck_assert(content_check(content));
        content_release(content, &budget);
        ck_assert_uint_eq(budget.used, 0);
}

START_TEST(a_read_gives_what_there_is_up_to_the_end)
{
        struct content content = content_shared();
        uint8_t out[SHARED + 10];
        ck_assert_uint_eq(content_read(&content, 0, out, sizeof out), SHARED);
        ck_assert_mem_eq(out, shared, SHARED);
        ck_assert_uint_eq(content_read(&content, SHARED - 5, out, 10), 5);
        ck_assert_mem_eq(out, shared + SHARED - 5, 5);
        ck_assert_uint_eq(content_read(&content, SHARED, out, 10), 0);
        ck_assert_uint_eq(content_read(&content, UINT64_MAX, out, 10), 0);
        content_gone(&content);
}
END_TEST

START_TEST(a_write_leaves_the_shared_bytes_alone)
{
        struct content content = content_shared();
        uint8_t before[SHARED], out[SHARED];
        memcpy(before, shared, SHARED);
        /* Over a block's end, so that two blocks become the file's own. */
        ck_assert_uint_eq(content_write(&content, &budget, CONTENT_BLOCK - 3, "abcdef", 6), 0);
        ck_assert_mem_eq(shared, before, SHARED);
        memcpy(before + CONTENT_BLOCK - 3, "abcdef", 6);
        ck_assert_uint_eq(content_read(&content, 0, out, SHARED), SHARED);
        ck_assert_mem_eq(out, before, SHARED);
        content_gone(&content);
}
END_TEST

START_TEST(a_write_beyond_the_end_leaves_zeros_between)
{
        struct content content = content_shared();
        uint64_t at = SHARED + 5 * CONTENT_BLOCK;
        ck_assert_uint_eq(content_write(&content, &budget, at, "x", 1), OUTCOME_OK);
        ck_assert_uint_eq(content.size, at + 1);
        for (uint64_t i = SHARED; i < at; i++) {
                uint8_t byte = 1;
                ck_assert_uint_eq(content_read(&content, i, &byte, 1), 1);
                ck_assert_uint_eq(byte, 0);
        }
        content_gone(&content);
}
END_TEST

START_TEST(what_was_cut_off_never_comes_back)
{
        struct content content = content_shared();
        uint8_t out[SHARED];
        ck_assert_uint_eq(content_write(&content, &budget, 10, "own", 3), OUTCOME_OK);
        ck_assert_uint_eq(content_truncate(&content, &budget, 11), OUTCOME_OK);
        ck_assert_uint_eq(content_truncate(&content, &budget, SHARED), OUTCOME_OK);
        ck_assert_uint_eq(content_read(&content, 0, out, SHARED), SHARED);
        ck_assert_mem_eq(out, shared, 10);
        ck_assert_uint_eq(out[10], 'o');
        for (size_t i = 11; i < SHARED; i++)
                ck_assert_uint_eq(out[i], 0);
        content_gone(&content);
}
END_TEST

START_TEST(where_space_ends_nothing_has_changed)
{
        /* One budget after the other, until the write succeeds: every allocation fails in turn. */
        static uint8_t data[5 * CONTENT_BLOCK];
        memset(data, 'd', sizeof data);
        bool written = false;
        size_t limit = 0;
        for (; !written; limit += 64) {
                struct content content = content_shared();
                budget.limit = limit;
                outcome_t outcome = content_write(&content, &budget, 50, data, sizeof data);
                written = outcome == OUTCOME_OK;
                if (!written) {
                        uint8_t out[SHARED];
                        ck_assert_uint_eq(outcome, answered(REASON_NO_SPACE));
                        ck_assert_uint_eq(content.size, SHARED);
                        ck_assert_uint_eq(content_read(&content, 0, out, SHARED), SHARED);
                        ck_assert_mem_eq(out, shared, SHARED);
                }
                ck_assert_uint_le(budget.used, limit);
                content_gone(&content);
        }
        ck_assert_uint_ge(limit, sizeof data);
}
END_TEST

START_TEST(a_view_is_only_of_bytes_that_nobody_has_written)
{
        struct content content = content_shared();
        size_t length;
        ck_assert_ptr_eq(content_view(&content, 5, 100, &length), shared + 5);
        ck_assert_uint_eq(length, 100);
        ck_assert_ptr_eq(content_view(&content, SHARED - 5, 100, &length), shared + SHARED - 5);
        ck_assert_uint_eq(length, 5);
        ck_assert_ptr_null(content_view(&content, SHARED, 1, &length));
        ck_assert_ptr_null(content_view(&content, 0, 0, &length));
        ck_assert_uint_eq(content_write(&content, &budget, CONTENT_BLOCK, "x", 1), OUTCOME_OK);
        ck_assert_ptr_null(content_view(&content, CONTENT_BLOCK - 1, 2, &length));
        ck_assert_ptr_nonnull(content_view(&content, 0, CONTENT_BLOCK, &length));
        ck_assert_uint_eq(content_truncate(&content, &budget, SHARED + 10), OUTCOME_OK);
        ck_assert_ptr_null(content_view(&content, SHARED - 5, 10, &length));
        content_gone(&content);
}
END_TEST

START_TEST(sizes_are_bounded)
{
        struct content content = content_shared();
        outcome_t invalid = answered(REASON_INVALID);
        ck_assert_uint_eq(content_write(&content, &budget, CONTENT_SIZE_MAX, "x", 1), invalid);
        ck_assert_uint_eq(content_write(&content, &budget, UINT64_MAX, "x", 1), invalid);
        ck_assert_uint_eq(content_truncate(&content, &budget, CONTENT_SIZE_MAX + 1), invalid);
        ck_assert_uint_eq(content_truncate(&content, &budget, CONTENT_SIZE_MAX), OUTCOME_OK);
        content_gone(&content);
}
END_TEST

START_TEST(a_hole_costs_nothing_however_long)
{
        struct content content = content_shared();
        const uint64_t places[] = {CONTENT_SIZE_MAX - 1, 1ull << 32, (1ull << 32) - 1};
        uint8_t out[3];
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
                ck_assert_uint_eq(content_write(&content, &budget, places[i], "x", 1), OUTCOME_OK);
        ck_assert_uint_eq(content.size, CONTENT_SIZE_MAX);
        ck_assert_uint_lt(budget.used, 5 * CONTENT_BLOCK);
        ck_assert_uint_eq(content_read(&content, (1ull << 32) - 2, out, 3), 3);
        ck_assert_mem_eq(out, "\0xx", 3);
        ck_assert_uint_eq(content_read(&content, CONTENT_SIZE_MAX - 2, out, 3), 2);
        ck_assert_mem_eq(out, "\0x", 2);
        ck_assert_uint_eq(content_truncate(&content, &budget, 1ull << 32), OUTCOME_OK);
        ck_assert_uint_eq(content_truncate(&content, &budget, CONTENT_SIZE_MAX), OUTCOME_OK);
        ck_assert_uint_eq(content_read(&content, (1ull << 32) - 2, out, 3), 3);
        ck_assert_mem_eq(out, "\0x\0", 3);
        content_gone(&content);
}
END_TEST

START_TEST(random_changes_agree_with_a_flat_array)
{
        enum { SIZE = 40000, ROUNDS = 3000 };
        static uint8_t model[SIZE], out[SIZE], data[9000];
        struct content content = content_shared();
        size_t size = SHARED;
        memcpy(model, shared, SHARED);
        srand(1);
        for (int round = 0; round < ROUNDS; round++) {
                size_t at = (size_t)rand() % (SIZE - sizeof data);
                size_t count = (size_t)rand() % sizeof data;
                if (rand() % 4 == 0) {
                        ck_assert_uint_eq(content_truncate(&content, &budget, at), OUTCOME_OK);
                        if (at < size)
                                memset(model + at, 0, size - at);
                        size = at;
                } else {
                        memset(data, rand(), count);
                        ck_assert_uint_eq(content_write(&content, &budget, at, data, count), 0);
                        memcpy(model + at, data, count);
                        if (count > 0 && at + count > size)
                                size = at + count;
                }
                ck_assert_uint_eq(content.size, size);
                ck_assert_uint_eq(content_read(&content, 0, out, SIZE), size);
                ck_assert_mem_eq(out, model, size);
        }
        content_gone(&content);
}
END_TEST

Suite *content_suite(void)
{
        Suite *suite = suite_create("fs/content");
        TCase *tcase = tcase_create("content");
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, a_read_gives_what_there_is_up_to_the_end);
        tcase_add_test(tcase, a_write_leaves_the_shared_bytes_alone);
        tcase_add_test(tcase, a_write_beyond_the_end_leaves_zeros_between);
        tcase_add_test(tcase, what_was_cut_off_never_comes_back);
        tcase_add_test(tcase, where_space_ends_nothing_has_changed);
        tcase_add_test(tcase, a_view_is_only_of_bytes_that_nobody_has_written);
        tcase_add_test(tcase, sizes_are_bounded);
        tcase_add_test(tcase, a_hole_costs_nothing_however_long);
        tcase_add_test(tcase, random_changes_agree_with_a_flat_array);
        suite_add_tcase(suite, tcase);
        return suite;
}
