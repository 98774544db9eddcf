/* What reaches a terminal of bytes that others made: whatever acts on it is shown by its number,
 * and all else as it is, however the stream is cut. */
#include "tests/unit/rt/suites.h"

#include <stdlib.h>
#include <string.h>

#include "servers/rt/pure/utf8.h"
#include "servers/rt/pure/visible.h"

static const struct {
        const char *bytes, *shown;
} streams[] = {
    {"plain \xc3\xa4 \xe6\x97\xa5 \xf0\x9f\x9c\x81\n\tx\r\n", NULL},
    {"\x1b[2J\x07\x08\x7f", "\\x1b[2J\\x07\\x08\\x7f"},
    {"C1 \xc2\x9b"
     "2J raw \x9b"
     "2J",
     "C1 \\u009b2J raw \\x9b2J"},
    {"\xe2\x80\xae"
     "txt.exe \xe2\x81\xa6\xd8\x9c\xe2\x80\xa8",
     "\\u202etxt.exe \\u2066\\u061c\\u2028"},
    {"over\rwritten \r\r\n", "over\\x0dwritten \\x0d\r\n"},
    {"cut \xe6\x97", "cut \\xe6\\x97"},
    {"cut \xe6\x97 x\xc3\xc3\xa4", "cut \\xe6\\x97 x\\xc3\xc3\xa4"},
    {"\xed\xa0\x80\xc0\x80\xff", "\\xed\\xa0\\x80\\xc0\\x80\\xff"},
    {"end\r", "end\\x0d"},
};

struct collected {
        size_t used;
        char text[4096];
};

static void collect(void *context, const char *bytes, size_t length)
{
        struct collected *collected = context;
        ck_assert_uint_lt(collected->used + length, sizeof collected->text);
        memcpy(collected->text + collected->used, bytes, length);
        collected->used += length;
        collected->text[collected->used] = 0;
}

START_TEST(a_stream_acts_on_no_terminal_however_it_is_cut)
{
        const char *bytes = streams[_i].bytes;
        const char *shown = streams[_i].shown ? streams[_i].shown : bytes;
        size_t length = strlen(bytes);
        for (size_t step = 1; step <= length; step++) {
                struct visible visible = {0};
                struct collected collected = {0};
                for (size_t at = 0; at < length; at += step)
                        visible_write(&visible, bytes + at, length - at < step ? length - at : step,
                                      collect, &collected);
                visible_end(&visible, collect, &collected);
                ck_assert_str_eq(collected.text, shown);
        }
}
END_TEST

START_TEST(a_name_is_one_line)
{
        static const char name[] = "a\n\tb\xc2\x85";
        struct collected collected = {0};
        for (size_t at = 0; at < sizeof name - 1;) {
                char shown[VISIBLE_MOST];
                size_t used;
                at += visible_next(name + at, sizeof name - 1 - at, shown, &used);
                collect(&collected, shown, used);
        }
        ck_assert_str_eq(collected.text, "a\\x0a\\x09b\\u0085");
}
END_TEST

START_TEST(random_bytes_show_nothing_that_acts)
{
        srand(1);
        for (int round = 0; round < 2000; round++) {
                char bytes[64];
                struct visible visible = {0};
                struct collected collected = {0};
                for (size_t i = 0; i < sizeof bytes; i++)
                        bytes[i] = (char)(rand() % 4 ? rand() % 256 : 0x80 + rand() % 64);
                visible_write(&visible, bytes, sizeof bytes, collect, &collected);
                visible_end(&visible, collect, &collected);
                for (size_t at = 0; at < collected.used;) {
                        uint32_t code;
                        at += utf8_next(collected.text + at, collected.used - at, &code);
                        ck_assert(visible_code(code) || code == '\n' || code == '\t' ||
                                  code == '\r');
                }
        }
}
END_TEST

TCase *visible_tests(void)
{
        TCase *tests = tcase_create("visible");
        tcase_add_loop_test(tests, a_stream_acts_on_no_terminal_however_it_is_cut, 0,
                            sizeof streams / sizeof streams[0]);
        tcase_add_test(tests, a_name_is_one_line);
        tcase_add_test(tests, random_bytes_show_nothing_that_acts);
        return tests;
}
