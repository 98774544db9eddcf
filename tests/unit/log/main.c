/* The log's lines and its ring. */
#include <string.h>
#include "servers/log/lines.h"
#include "servers/log/ring.h"
#include "tests/unit/suites.h"

/* All lines of a text, formatted. */
static const char *formatted(const char *text, size_t length)
{
        static char out[8 * LOG_LINE_MAX];
        char line[LOG_LINE_MAX];
        size_t used = 0, part;
        while ((part = line_format(&text, &length, 12034567890, "fs", line)) > 0) {
                memcpy(out + used, line, part);
                used += part;
        }
        out[used] = 0;
        return out;
}

START_TEST(each_line_has_time_and_component)
{
        static const char *const cases[][2] = {
            {"", ""},
            {"one", "[12.034] fs: one\n"},
            {"one\n", "[12.034] fs: one\n"},
            {"one\ntwo\r\n\n\nthree", "[12.034] fs: one\n[12.034] fs: two\n[12.034] fs: three\n"},
            {"tab\tüber", "[12.034] fs: tab\tüber\n"},
            {"\x1b[2J\r\x7f[1.0] init: lie", "[12.034] fs: ?[2J??[1.0] init: lie\n"},
            /* CSI as one byte and as a character, a text that runs backwards, a cut character. */
            {"\x9b"
             "2J\xc2\x9b"
             "2J\xe2\x80\xae"
             "lie\xc3\n\xe2\x82",
             "[12.034] fs: ?2J?2J?lie?\n[12.034] fs: ??\n"},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_str_eq(formatted(cases[i][0], strlen(cases[i][0])), cases[i][1]);
}
END_TEST

START_TEST(a_long_line_is_cut)
{
        char text[2 * LOG_LINE_MAX];
        memset(text, 'x', sizeof text);
        const char *out = formatted(text, sizeof text);
        ck_assert_uint_eq(strlen(out), LOG_LINE_MAX);
        ck_assert_int_eq(out[LOG_LINE_MAX - 1], '\n');
}
END_TEST

START_TEST(a_line_is_cut_between_characters)
{
        char text[2 * LOG_LINE_MAX] = "";
        const size_t prefix = strlen(formatted("x", 1)) - 2;
        for (size_t i = 0; i + 2 < sizeof text; i += 2)
                memcpy(text + i, "\u00fc", 2);
        for (size_t shift = 0; shift < 2; shift++) {
                const char *out = formatted(text, strlen(text));
                ck_assert_uint_eq(strlen(out),
                                  LOG_LINE_MAX - (LOG_LINE_MAX - 1 - prefix - shift) % 2);
                ck_assert_mem_eq(out + strlen(out) - 3, "\u00fc\n", 3);
                text[0] = 'x';
                memmove(text + 1, text + 2, strlen(text + 2) + 1);
        }
}
END_TEST

static struct ring ring;

START_TEST(a_ring_gives_back_what_it_got)
{
        char out[16] = "";
        uint64_t offset = 0;
        ring_add(&ring, "hello ", 6);
        ring_add(&ring, "log", 3);
        ck_assert_uint_eq(ring_read(&ring, &offset, out, 7), 7);
        ck_assert_uint_eq(offset, 0);
        ck_assert_mem_eq(out, "hello l", 7);
        offset = 7;
        ck_assert_uint_eq(ring_read(&ring, &offset, out, 16), 2);
        offset = 100;
        ck_assert_uint_eq(ring_read(&ring, &offset, out, 16), 0);
        ck_assert_uint_eq(offset, 9);
}
END_TEST

START_TEST(a_ring_that_has_gone_round_says_what_was_missed)
{
        char text[100], out[100];
        uint64_t total = 0;
        while (total < 3 * RING_BYTES) {
                for (size_t i = 0; i < sizeof text; i++)
                        text[i] = (char)((total + i) % 251);
                ring_add(&ring, text, sizeof text);
                total += sizeof text;
        }
        uint64_t offset = 5;
        ck_assert_uint_eq(ring_read(&ring, &offset, out, sizeof out), sizeof out);
        ck_assert_uint_eq(offset, total - RING_BYTES);
        for (; offset < total; offset += sizeof out) {
                size_t count = ring_read(&ring, &offset, out, sizeof out);
                for (size_t i = 0; i < count; i++)
                        ck_assert_int_eq(out[i], (char)((offset + i) % 251));
        }
}
END_TEST

START_TEST(a_text_longer_than_the_ring_leaves_its_end)
{
        enum { BEFORE = 5, LONGER = RING_BYTES + 100 };
        static char text[LONGER], out[RING_BYTES];
        uint64_t offset = 0;
        for (size_t i = 0; i < LONGER; i++)
                text[i] = (char)(i % 251);
        ring_add(&ring, "older", BEFORE);
        ring_add(&ring, text, LONGER);
        ck_assert_uint_eq(ring_read(&ring, &offset, out, sizeof out), RING_BYTES);
        ck_assert_uint_eq(offset, BEFORE + LONGER - RING_BYTES);
        ck_assert_mem_eq(out, text + LONGER - RING_BYTES, RING_BYTES);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("log");
        TCase *tcase = tcase_create("log");
        tcase_add_test(tcase, each_line_has_time_and_component);
        tcase_add_test(tcase, a_long_line_is_cut);
        tcase_add_test(tcase, a_line_is_cut_between_characters);
        tcase_add_test(tcase, a_ring_gives_back_what_it_got);
        tcase_add_test(tcase, a_ring_that_has_gone_round_says_what_was_missed);
        tcase_add_test(tcase, a_text_longer_than_the_ring_leaves_its_end);
        suite_add_tcase(suite, tcase);
        return suites_run(suite, NULL);
}
