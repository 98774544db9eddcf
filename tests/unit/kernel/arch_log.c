/* The log's ring, and formatted text on its way there, against the C library's. */
#include "tests/unit/kernel/arch_tests.h"
#include "kernel/debug/log.h"
#include <stdio.h>

static char console[LOG_BYTES * 3];
static size_t console_used;
static uint64_t log_end;

void console_write(const char *text, size_t bytes)
{
        ck_assert(console_used + bytes <= sizeof console);
        memcpy(console + console_used, text, bytes);
        console_used += bytes;
        log_end += bytes;
}

#define CHECK_SAME(...)                                                                            \
        do {                                                                                       \
                char wanted[1024];                                                                 \
                snprintf(wanted, sizeof wanted, __VA_ARGS__);                                      \
                console_used = 0;                                                                  \
                log_print(__VA_ARGS__);                                                            \
                console[console_used] = 0;                                                         \
                ck_assert_str_eq(console, wanted);                                                 \
        } while (0)

START_TEST(text_longer_than_a_line_is_printed_whole)
{
        CHECK_SAME("%s and %c, 100%%", "text", 'x');
        CHECK_SAME("%200d|%-200s|%0200lx", 7, "left", 0xbeeful);
}
END_TEST

START_TEST(the_ring_gives_back_what_was_written)
{
        char text[100];
        uint64_t offset = log_end;
        console_used = 0;
        log_write("one two", 7);
        ck_assert_uint_eq(log_read(&offset, text, 3), 3);
        ck_assert_int_eq(memcmp(text, "one", 3), 0);
        offset += 4;
        ck_assert_uint_eq(log_read(&offset, text, sizeof text), 3);
        ck_assert_int_eq(memcmp(text, "two", 3), 0);
        offset = UINT64_MAX; /* from the future: nothing yet, and the end is said */
        ck_assert_uint_eq(log_read(&offset, text, sizeof text), 0);
        ck_assert_uint_eq(offset, log_end);
}
END_TEST

START_TEST(a_late_reader_gets_the_oldest_that_is_left)
{
        static char text[LOG_BYTES + 100];
        uint64_t offset = 0;
        for (unsigned i = 0; i < LOG_BYTES / 10 + 50; i++) {
                char line[16];
                console_used = 0;
                log_write(line, (size_t)snprintf(line, sizeof line, "%09u\n", i));
        }
        ck_assert_uint_eq(log_read(&offset, text, sizeof text), LOG_BYTES);
        ck_assert_uint_eq(offset, log_end - LOG_BYTES);
        char last[16];
        snprintf(last, sizeof last, "%09u\n", LOG_BYTES / 10 + 49);
        ck_assert_int_eq(memcmp(text + LOG_BYTES - 10, last, 10), 0);
}
END_TEST

START_TEST(more_than_the_ring_leaves_its_end)
{
        static char text[LOG_BYTES * 2], read[LOG_BYTES];
        for (unsigned i = 0; i < sizeof text; i++)
                text[i] = (char)(i * 7 / 5);
        console_used = 0;
        log_write(text, sizeof text);
        uint64_t offset = 0;
        ck_assert_uint_eq(log_read(&offset, read, sizeof read), LOG_BYTES);
        ck_assert_int_eq(memcmp(read, text + LOG_BYTES, LOG_BYTES), 0);
        ck_assert_uint_eq(offset, log_end - LOG_BYTES);
}
END_TEST

Suite *log_suite(void)
{
        Suite *suite = suite_create("log");
        TCase *tests = tcase_create("log");
        tcase_add_test(tests, text_longer_than_a_line_is_printed_whole);
        tcase_add_test(tests, the_ring_gives_back_what_was_written);
        tcase_add_test(tests, a_late_reader_gets_the_oldest_that_is_left);
        tcase_add_test(tests, more_than_the_ring_leaves_its_end);
        suite_add_tcase(suite, tests);
        return suite;
}
