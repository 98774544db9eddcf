/* Tables of relocations that are right, and some that are not. */
#include "tests/unit/rt/suites.h"

#include <string.h>
#include "servers/rt/pure/relocate.h"

enum { WORDS = 140, FIRST = 4, LAST = 136, MOVED = 0x5000 };

static uint64_t words[WORDS];

/* Where a word was linked for. */
static uint64_t linked(unsigned word)
{
        return (uint64_t)&words[word] - MOVED;
}

static void setup(void)
{
        for (unsigned i = 0; i < WORDS; i++)
                words[i] = i;
}

static bool apply(const uint64_t *table, size_t count)
{
        const struct relocate image = {MOVED, (uint64_t)&words[FIRST], (uint64_t)&words[LAST]};
        return relocate_apply(&image, table, count);
}

static bool is_moved(unsigned word)
{
        ck_assert(words[word] == word || words[word] == word + MOVED);
        return words[word] != word;
}

START_TEST(an_address_is_relocated_alone)
{
        const uint64_t table[] = {linked(10), linked(20)};
        ck_assert(apply(table, 2));
        for (unsigned i = 0; i < WORDS; i++)
                ck_assert_int_eq(is_moved(i), i == 10 || i == 20);
}
END_TEST

START_TEST(bits_stand_for_the_words_behind)
{
        /* 10; of 11 to 73 the first, the third and the last; of 74 to 136 the second */
        const uint64_t table[] = {linked(10), 1 | 1ull << 1 | 1ull << 3 | 1ull << 63,
                                  1 | 1ull << 2};
        ck_assert(apply(table, 3));
        for (unsigned i = 0; i < WORDS; i++)
                ck_assert_int_eq(is_moved(i), i == 10 || i == 11 || i == 13 || i == 73 || i == 75);
}
END_TEST

START_TEST(an_empty_table_changes_nothing)
{
        const uint64_t nothing[] = {linked(10), 1, 1};
        ck_assert(apply(NULL, 0));
        ck_assert(apply(nothing, 3));
        for (unsigned i = 0; i < WORDS; i++)
                ck_assert_int_eq(is_moved(i), i == 10);
}
END_TEST

START_TEST(nothing_but_the_writable_part_is_changed)
{
        const uint64_t tables[][2] = {
            {linked(FIRST - 1)},
            {linked(LAST)},
            {linked(10) + 4},       /* not a whole word of its own */
            {linked(LAST - 1) + 4}, /* would reach beyond the end */
            {0},
            {UINT64_MAX - 1},
            {linked(LAST - 1), 1 | 1 << 1}, /* the bit behind the last word */
            {1 | 1 << 1},                   /* bits behind no address */
        };
        for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++) {
                setup();
                ck_assert_msg(!apply(tables[i], 2), "table %u", i);
                for (unsigned word = 0; word < WORDS; word++)
                        ck_assert(!is_moved(word) || word == LAST - 1);
        }
}
END_TEST

TCase *relocate_tests(void)
{
        TCase *tests = tcase_create("relocate");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, an_address_is_relocated_alone);
        tcase_add_test(tests, bits_stand_for_the_words_behind);
        tcase_add_test(tests, an_empty_table_changes_nothing);
        tcase_add_test(tests, nothing_but_the_writable_part_is_changed);
        return tests;
}
