/* The table of regions against a model that has one byte a page. */
#include "tests/unit/rt/suites.h"

#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/regions.h"

enum { PAGE = 4096, PAGES = 64, START = 16 * PAGE, FREE = 255, CAPACITY = 80 };

static struct region list[CAPACITY];
static struct regions regions;
static uint8_t model[PAGES];

static void setup(void)
{
        regions = (struct regions){
            .list = list, .capacity = CAPACITY, .start = START, .end = START + PAGES * PAGE};
        memset(model, FREE, sizeof model);
}

static uint64_t address(unsigned page)
{
        return START + (uint64_t)page * PAGE;
}

static void model_compare(void)
{
        ck_assert(regions_check(&regions));
        for (unsigned page = 0; page < PAGES; page++) {
                const struct region *region = regions_at(&regions, address(page));
                bool taken = region && region->start <= address(page);
                ck_assert_int_eq(taken, model[page] != FREE);
                if (taken)
                        ck_assert_uint_eq(region->flags, model[page]);
        }
}

START_TEST(random_changes_agree_with_a_page_table)
{
        srand((unsigned)_i);
        for (int step = 0; step < 2000; step++) {
                unsigned first = (unsigned)rand() % PAGES;
                unsigned count = 1 + (unsigned)rand() % (PAGES - first);
                unsigned flags = (unsigned)rand() % 4;
                if (rand() % 3) {
                        ck_assert(
                            regions_set(&regions, address(first), address(first + count), flags));
                        memset(model + first, (int)flags, count);
                } else {
                        ck_assert(regions_clear(&regions, address(first), address(first + count)));
                        memset(model + first, FREE, count);
                }
                model_compare();
        }
}
END_TEST

START_TEST(the_lowest_gap_that_fits_is_found)
{
        ck_assert_uint_eq(regions_find_free(&regions, PAGE), START);
        regions_set(&regions, address(0), address(2), 1);
        regions_set(&regions, address(3), address(8), 1);
        ck_assert_uint_eq(regions_find_free(&regions, PAGE), address(2));
        ck_assert_uint_eq(regions_find_free(&regions, 2 * PAGE), address(8));
        ck_assert_uint_eq(regions_find_free(&regions, (PAGES - 8) * PAGE), address(8));
        ck_assert_uint_eq(regions_find_free(&regions, (PAGES - 7) * PAGE), 0);
        ck_assert(regions_is_free(&regions, address(2), address(3)));
        ck_assert(!regions_is_free(&regions, address(2), address(4)));
}
END_TEST

START_TEST(neighbours_with_the_same_flags_become_one)
{
        regions_set(&regions, address(1), address(2), 7);
        regions_set(&regions, address(3), address(4), 7);
        regions_set(&regions, address(2), address(3), 7);
        ck_assert_uint_eq(regions.count, 1);
        ck_assert_uint_eq(regions.list[0].start, address(1));
        ck_assert_uint_eq(regions.list[0].end, address(4));
}
END_TEST

START_TEST(a_full_table_refuses_and_stays_as_it_is)
{
        regions.capacity = 3;
        ck_assert(regions_set(&regions, address(1), address(2), 1));
        ck_assert(regions_set(&regions, address(5), address(6), 1));
        ck_assert(!regions_set(&regions, address(8), address(9), 1));
        ck_assert(!regions_clear(&regions, address(1), address(2)));
        ck_assert_uint_eq(regions.count, 2);
        ck_assert(regions_check(&regions));
}
END_TEST

TCase *regions_tests(void)
{
        TCase *tests = tcase_create("regions");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_loop_test(tests, random_changes_agree_with_a_page_table, 0, 8);
        tcase_add_test(tests, the_lowest_gap_that_fits_is_found);
        tcase_add_test(tests, neighbours_with_the_same_flags_become_one);
        tcase_add_test(tests, a_full_table_refuses_and_stays_as_it_is);
        return tests;
}
