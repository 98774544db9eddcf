/* The kernel's memory functions, linked under other names, against plain loops: all small sizes,
 * all overlaps, nothing written outside. */
#include "tests/unit/kernel/arch_tests.h"

void *kernel_memcpy(void *to, const void *from, size_t bytes);
void *kernel_memmove(void *to, const void *from, size_t bytes);
void *kernel_memset(void *to, int value, size_t bytes);
int kernel_memcmp(const void *a, const void *b, size_t bytes);

enum { AREA = 96, SIZES = 40 };

static uint8_t area[AREA], wanted[AREA];

static void fill(void)
{
        for (unsigned i = 0; i < AREA; i++)
                area[i] = wanted[i] = (uint8_t)(i * 7 + 1);
}

static bool same(void)
{
        for (unsigned i = 0; i < AREA; i++)
                if (area[i] != wanted[i])
                        return false;
        return true;
}

START_TEST(memmove_is_right_for_all_overlaps)
{
        for (unsigned size = 0; size < SIZES; size++)
                for (unsigned from = 0; from + size <= AREA; from++)
                        for (unsigned to = from > 45 ? from - 45 : 0;
                             to < from + 45 && to + size <= AREA; to++) {
                                uint8_t copy[SIZES];
                                fill();
                                for (unsigned i = 0; i < size; i++)
                                        copy[i] = area[from + i];
                                for (unsigned i = 0; i < size; i++)
                                        wanted[to + i] = copy[i];
                                if (kernel_memmove(area + to, area + from, size) != area + to ||
                                    !same())
                                        ck_abort_msg("%u bytes from %u to %u", size, from, to);
                        }
}
END_TEST

START_TEST(memcpy_copies_all_and_no_more)
{
        for (unsigned size = 0; size < SIZES; size++)
                for (unsigned to = 0; to < 16; to++) {
                        fill();
                        for (unsigned i = 0; i < size; i++)
                                wanted[to + i] = wanted[56 + i];
                        ck_assert_ptr_eq(kernel_memcpy(area + to, area + 56, size), area + to);
                        ck_assert(same());
                }
}
END_TEST

START_TEST(memset_sets_all_and_no_more)
{
        for (unsigned size = 0; size < SIZES; size++)
                for (unsigned to = 0; to < 16; to++) {
                        fill();
                        for (unsigned i = 0; i < size; i++)
                                wanted[to + i] = 0xa5;
                        ck_assert_ptr_eq(kernel_memset(area + to, 0x12a5, size), area + to);
                        ck_assert(same());
                }
}
END_TEST

START_TEST(memcmp_finds_the_first_difference)
{
        fill();
        ck_assert_int_eq(kernel_memcmp(area, wanted, AREA), 0);
        ck_assert_int_eq(kernel_memcmp(area, wanted + 1, 0), 0);
        for (unsigned at = 0; at < AREA; at++) {
                fill();
                wanted[at] = 0xff;
                ck_assert_int_lt(kernel_memcmp(area, wanted, AREA), 0);
                ck_assert_int_gt(kernel_memcmp(wanted, area, AREA), 0);
                ck_assert_int_eq(kernel_memcmp(area, wanted, at), 0);
        }
}
END_TEST

Suite *string_suite(void)
{
        Suite *suite = suite_create("memory functions");
        TCase *tests = tcase_create("memory functions");
        tcase_add_test(tests, memmove_is_right_for_all_overlaps);
        tcase_add_test(tests, memcpy_copies_all_and_no_more);
        tcase_add_test(tests, memset_sets_all_and_no_more);
        tcase_add_test(tests, memcmp_finds_the_first_difference);
        suite_add_tcase(suite, tests);
        return suite;
}
