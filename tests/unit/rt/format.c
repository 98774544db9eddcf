/* Formats, compared with those of libc. */
#include "tests/unit/rt/suites.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/format.h"

__attribute__((format(printf, 1, 2))) static void same(const char *format, ...)
{
        char expected[128], got[128];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(expected, sizeof expected, format, arguments);
        va_end(arguments);
        va_start(arguments, format);
        size_t length = format_text(got, sizeof got, format, arguments);
        va_end(arguments);
        ck_assert_str_eq(got, expected);
        ck_assert_uint_eq(length, strlen(expected));
}

static size_t text(char *to, size_t size, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        size_t length = format_text(to, size, format, arguments);
        va_end(arguments);
        return length;
}

START_TEST(formats_are_those_of_printf)
{
        same("plain");
        same("%d %i %u", -5, INT_MIN, UINT_MAX);
        same("%ld %lu %zu %llx", LONG_MIN, ULONG_MAX, (size_t)7, 0xdeadbeefcafeull);
        same("%x %X %08x %5x|", 0xbeef, 0xbeef, 0xbeef, 0xb);
        same("%5d|%-5d|%05d|%05d", 42, 42, 42, -42);
        same("%s|%10s|%-10s|%.2s|%.*s", "abc", "abc", "abc", "abc", 1, "abc");
        same("%*d|%-*d|%*d", 6, 1, 6, 2, -6, 3);
        same("%c%c%% %hhx", 'a', 'b', 0x7f);
        same("%s", "");
        same("%d", 0);
        same("%p|%10p|%-10p|", (void *)0x1234, (void *)0x1234, (void *)0x1234);
        same("%hd %lld %ld", 7, LLONG_MIN, -1l);
}
END_TEST

START_TEST(what_does_not_fit_is_cut)
{
        char to[8];
        memset(to, 'x', sizeof to);
        ck_assert_uint_eq(text(to, 5, "%s", "abcdefgh"), 4);
        ck_assert_str_eq(to, "abcd");
        ck_assert_int_eq(to[5], 'x');
        ck_assert_uint_eq(text(to, 1, "%d", 5), 0);
        ck_assert_str_eq(to, "");
        ck_assert_uint_eq(text(NULL, 0, "%d", 5), 0);
}
END_TEST

START_TEST(unknown_formats_stand_as_they_are)
{
        char to[32];
        text(to, sizeof to, "100%q %");
        ck_assert_str_eq(to, "100%q %");
        text(to, sizeof to, "%s", (char *)NULL);
        ck_assert_str_eq(to, "(null)");
}
END_TEST

TCase *format_tests(void)
{
        TCase *tests = tcase_create("format");
        tcase_add_test(tests, formats_are_those_of_printf);
        tcase_add_test(tests, what_does_not_fit_is_cut);
        tcase_add_test(tests, unknown_formats_stand_as_they_are);
        return tests;
}
