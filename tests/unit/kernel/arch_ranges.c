/* Lists of ranges, by example and against a map of single units. */
#include "tests/unit/kernel/arch_tests.h"
#include "kernel/arch/x86_64/ranges.h"
#include <stdlib.h>

static struct boot_range list[BOOT_RANGES];
static unsigned count;

static void check_list(const struct boot_range *wanted, unsigned wanted_count)
{
        ck_assert_uint_eq(count, wanted_count);
        for (unsigned i = 0; i < count; i++) {
                ck_assert_uint_eq(list[i].start, wanted[i].start);
                ck_assert_uint_eq(list[i].end, wanted[i].end);
        }
}

START_TEST(ranges_that_touch_or_overlap_become_one)
{
        count = 0;
        ck_assert(ranges_add(list, &count, 30, 40));
        ck_assert(ranges_add(list, &count, 10, 20));
        ck_assert(ranges_add(list, &count, 50, 60));
        check_list((struct boot_range[]){{10, 20}, {30, 40}, {50, 60}}, 3);
        ck_assert(ranges_add(list, &count, 20, 30));
        check_list((struct boot_range[]){{10, 40}, {50, 60}}, 2);
        ck_assert(ranges_add(list, &count, 0, 100));
        check_list((struct boot_range[]){{0, 100}}, 1);
}
END_TEST

START_TEST(removing_from_the_middle_splits)
{
        count = 0;
        ck_assert(ranges_add(list, &count, 0, 100));
        ck_assert(ranges_remove(list, &count, 40, 60));
        check_list((struct boot_range[]){{0, 40}, {60, 100}}, 2);
        ck_assert(ranges_remove(list, &count, 30, 70));
        check_list((struct boot_range[]){{0, 30}, {70, 100}}, 2);
        ck_assert(ranges_remove(list, &count, 0, 100));
        check_list(NULL, 0);
}
END_TEST

START_TEST(empty_ranges_change_nothing)
{
        count = 0;
        ck_assert(ranges_add(list, &count, 5, 5));
        ck_assert(ranges_add(list, &count, 9, 3));
        check_list(NULL, 0);
        ck_assert(ranges_add(list, &count, 0, 10));
        ck_assert(ranges_remove(list, &count, 5, 5));
        check_list((struct boot_range[]){{0, 10}}, 1);
}
END_TEST

START_TEST(a_full_list_stays_as_it_is)
{
        count = 0;
        for (unsigned i = 0; i < BOOT_RANGES; i++)
                ck_assert(ranges_add(list, &count, i * 10, i * 10 + 5));
        ck_assert(!ranges_add(list, &count, 7, 8));
        ck_assert(!ranges_remove(list, &count, 2, 3));
        ck_assert_uint_eq(count, BOOT_RANGES);
        ck_assert_uint_eq(list[0].end, 5);
        ck_assert(ranges_add(list, &count, 5, 10)); /* joins two: there is room for that */
        ck_assert_uint_eq(count, BOOT_RANGES - 1);
}
END_TEST

START_TEST(hold_wants_one_range_that_has_it_all)
{
        count = 0;
        ck_assert(ranges_add(list, &count, 10, 20));
        ck_assert(ranges_add(list, &count, 30, 40));
        ck_assert(ranges_hold(list, count, 10, 20));
        ck_assert(ranges_hold(list, count, 39, 40));
        ck_assert(!ranges_hold(list, count, 15, 21));
        ck_assert(!ranges_hold(list, count, 9, 12));
        ck_assert(!ranges_hold(list, count, 10, 40));
        ck_assert(!ranges_hold(list, count, 20, 20));
}
END_TEST

/* Whether the list has exactly the units of the map, in ranges that do not touch. */
static bool agrees(const bool *map, unsigned units)
{
        unsigned at = 0;
        for (unsigned unit = 0; unit < units; unit++) {
                if (at < count && unit == list[at].end) {
                        at++;
                        if (map[unit])
                                return false;
                }
                if (map[unit] != (at < count && unit >= list[at].start))
                        return false;
        }
        return true;
}

START_TEST(random_operations_agree_with_a_map)
{
        enum { UNITS = 90, OPERATIONS = 50000 };
        bool map[UNITS + 1] = {false};
        srand(1);
        count = 0;
        for (unsigned i = 0; i < OPERATIONS; i++) {
                unsigned start = (unsigned)rand() % UNITS, end = start + (unsigned)rand() % 12;
                bool add = rand() % 2;
                end = end > UNITS ? UNITS : end;
                ck_assert((add ? ranges_add : ranges_remove)(list, &count, start, end));
                for (unsigned unit = start; unit < end; unit++)
                        map[unit] = add;
                ck_assert(agrees(map, UNITS));
        }
}
END_TEST

Suite *ranges_suite(void)
{
        Suite *suite = suite_create("ranges");
        TCase *tests = tcase_create("ranges");
        tcase_add_test(tests, ranges_that_touch_or_overlap_become_one);
        tcase_add_test(tests, removing_from_the_middle_splits);
        tcase_add_test(tests, empty_ranges_change_nothing);
        tcase_add_test(tests, a_full_list_stays_as_it_is);
        tcase_add_test(tests, hold_wants_one_range_that_has_it_all);
        tcase_add_test(tests, random_operations_agree_with_a_map);
        suite_add_tcase(suite, tests);
        return suite;
}
