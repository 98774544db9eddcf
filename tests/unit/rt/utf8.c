/* Characters: where they begin and end, what is none, how wide they are. */
#include "tests/unit/rt/suites.h"

#include <string.h>

#include "servers/rt/pure/utf8.h"

START_TEST(only_rfc_3629_is_utf8)
{
        static const struct {
                const char *bytes;
                uint32_t code;
        } cases[] = {
            {"a", 'a'},
            {"\xc3\xbc", 0xfc},
            {"\xe6\x97\xa5", 0x65e5},
            {"\xf0\x9f\x9c\x81", 0x1f701},
            {"\xf4\x8f\xbf\xbf", 0x10ffff},
            {"\x80", UTF8_INVALID},
            {"\xc0\x80", UTF8_INVALID},
            {"\xc1\xbf", UTF8_INVALID},
            {"\xe0\x80\x80", UTF8_INVALID},
            {"\xed\xa0\x80", UTF8_INVALID},
            {"\xf0\x80\x80\x80", UTF8_INVALID},
            {"\xf4\x90\x80\x80", UTF8_INVALID},
            {"\xf5\x80\x80\x80", UTF8_INVALID},
            {"\xff", UTF8_INVALID},
            {"\xc3", UTF8_INVALID},
            {"\xc3(", UTF8_INVALID},
            {"\xe6\x97", UTF8_INVALID},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                uint32_t code;
                size_t length = strlen(cases[i].bytes);
                size_t bytes = utf8_next(cases[i].bytes, length, &code);
                ck_assert_uint_eq(code, cases[i].code);
                ck_assert_uint_eq(bytes, code == UTF8_INVALID ? 1 : length);
        }
}
END_TEST

START_TEST(there_and_back_over_a_text_meets_the_same_places)
{
        /* a, u with diaeresis (combined), 日, a broken byte, an emoji with a skin tone */
        static const char text[] = "au\xcc\x88\xe6\x97\xa5\xff\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd";
        size_t length = sizeof text - 1, places[8], count = 0;
        for (size_t at = 0; at < length; at += utf8_after(text, length, at))
                places[count++] = at;
        ck_assert_uint_eq(count, 5);
        for (size_t at = length; at > 0;) {
                at -= utf8_before(text, at);
                ck_assert_uint_eq(at, places[--count]);
        }
        ck_assert_uint_eq(count, 0);
        ck_assert_uint_eq(utf8_after(text, length, length), 0);
        ck_assert_uint_eq(utf8_before(text, 0), 0);
        ck_assert_uint_eq(utf8_columns(text, length), 1 + 1 + 2 + 1 + 2);
}
END_TEST

TCase *utf8_tests(void)
{
        TCase *tests = tcase_create("utf8");
        tcase_add_test(tests, only_rfc_3629_is_utf8);
        tcase_add_test(tests, there_and_back_over_a_text_meets_the_same_places);
        return tests;
}
