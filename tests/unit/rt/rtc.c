/* The real-time clock: its ways to say a date, and what is none. */
#include "servers/rt/pure/rtc.h"

#include <string.h>
#include "tests/unit/rt/suites.h"

static uint8_t registers[16];
static unsigned moves; /* so often the second changes while it is read */

static uint8_t read_register(void *context, uint8_t number)
{
        (void)context;
        if (number == 9 && moves > 0) {
                moves--;
                registers[0]++;
        }
        return registers[number];
}

static const struct rtc rtc = {read_register, NULL};

/* 0: it is no date. */
static uint64_t date(uint8_t status, const uint8_t fields[6])
{
        static const uint8_t numbers[] = {9, 8, 7, 4, 2, 0};
        uint64_t seconds = 0;
        memset(registers, 0, sizeof registers);
        registers[11] = status;
        for (int i = 0; i < 6; i++)
                registers[numbers[i]] = fields[i];
        return rtc_read(&rtc, &seconds) ? seconds : 0;
}

START_TEST(each_way_to_say_a_date_is_understood)
{
        static const uint8_t digits[] = {0x26, 0x11, 0x30, 0x17, 0x43, 0x43};
        static const uint8_t binary[] = {26, 11, 30, 17, 43, 43};
        static const uint8_t evening[] = {0x26, 0x11, 0x30, 0x85, 0x43, 0x43};
        static const uint8_t midnight[] = {0, 1, 1, 12, 0, 0}, noon[] = {0, 1, 1, 0x8c, 0, 0};
        static const uint8_t leap[] = {0x24, 2, 0x29, 0x23, 0x59, 0x59};
        ck_assert_uint_eq(date(2, digits), 1796060623);
        ck_assert_uint_eq(date(6, binary), 1796060623);
        ck_assert_uint_eq(date(0, evening), 1796060623);
        ck_assert_uint_eq(date(4, midnight), 946684800);
        ck_assert_uint_eq(date(4, noon), 946684800 + 12 * 3600);
        ck_assert_uint_eq(date(2, leap), 1709251199);
}
END_TEST

START_TEST(what_is_no_date_is_refused)
{
        static const uint8_t none[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, zero[6] = {0};
        static const uint8_t month[] = {26, 13, 1, 0, 0, 0}, hour[] = {26, 1, 1, 24, 0, 0};
        ck_assert_uint_eq(date(2, none), 0);
        ck_assert_uint_eq(date(0xff, none), 0);
        ck_assert_uint_eq(date(6, zero), 0);
        ck_assert_uint_eq(date(6, month), 0);
        ck_assert_uint_eq(date(6, hour), 0);
        registers[10] = 0x80;
        uint64_t seconds;
        ck_assert(!rtc_read(&rtc, &seconds));
}
END_TEST

START_TEST(a_clock_that_moves_is_read_again)
{
        static const uint8_t fields[] = {26, 1, 1, 0, 0, 10};
        uint64_t seconds;
        date(6, fields);
        moves = 3;
        ck_assert(rtc_read(&rtc, &seconds));
        ck_assert_uint_eq(seconds % 60, 13);
        moves = UINT32_MAX;
        ck_assert(!rtc_read(&rtc, &seconds));
        moves = 0;
}
END_TEST

TCase *rtc_tests(void)
{
        TCase *tcase = tcase_create("rtc");
        tcase_add_test(tcase, each_way_to_say_a_date_is_understood);
        tcase_add_test(tcase, what_is_no_date_is_refused);
        tcase_add_test(tcase, a_clock_that_moves_is_read_again);
        return tcase;
}
