/* The log's ring, and formatted text on its way there, against the C library's. */
#include "tests/unit/kernel/arch_tests.h"
#include "kernel/debug/log.h"
#include <stdio.h>

static char console[LOG_BYTES * 3];
static size_t console_used;
static uint64_t log_end;

static size_t line_room = SIZE_MAX; /* what the line takes until it is waited for */
static size_t line_refill;

void console_show(const char *text, size_t bytes)
{
        (void)text;
        log_end += bytes;
}

size_t console_send(const char *text, size_t bytes)
{
        if (bytes > line_room)
                bytes = line_room;
        if (line_room != SIZE_MAX)
                line_room -= bytes;
        ck_assert(console_used + bytes <= sizeof console);
        memcpy(console + console_used, text, bytes);
        console_used += bytes;
        return bytes;
}

bool console_wait(void)
{
        line_room = line_refill;
        return line_refill > 0;
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

START_TEST(a_slow_line_gets_all_of_it_later)
{
        console_used = 0;
        line_room = 4;
        log_write("one two three", 13);
        ck_assert_uint_eq(console_used, 4);
        ck_assert(log_is_behind());
        line_room = 3;
        log_send();
        ck_assert_uint_eq(console_used, 7);
        line_room = 0;
        line_refill = 1;
        log_flush();
        ck_assert(!log_is_behind());
        ck_assert_uint_eq(console_used, 13);
        ck_assert_int_eq(memcmp(console, "one two three", 13), 0);
        line_room = SIZE_MAX;
}
END_TEST

/* Logs four bytes, and then as many as the ring holds, while the line is stuck. */
static void line_loses_four(char text[LOG_BYTES])
{
        line_room = line_refill = 0;
        memset(text, 'x', LOG_BYTES);
        log_write("lost", 4);
        log_write(text, LOG_BYTES);
}

/* The line takes everything from now on. */
static void line_open(void)
{
        line_room = SIZE_MAX;
        while (log_is_behind())
                log_send();
}

START_TEST(a_stuck_line_stops_nobody_and_is_told_what_it_missed)
{
        static char text[LOG_BYTES];
        console_used = 0;
        line_loses_four(text);
        log_flush();
        ck_assert(log_is_behind());
        ck_assert_uint_eq(console_used, 0);
        line_room = 10; /* the notice, too, in pieces */
        log_send();
        line_open();
        static const char notice[] = "\n[4 bytes of the log are not shown]\n";
        ck_assert_int_eq(memcmp(console, notice, sizeof notice - 1), 0);
        ck_assert_uint_eq(console_used, sizeof notice - 1 + sizeof text);
}
END_TEST

/* The first notice has gone in part when there is more to say. */
START_TEST(what_a_stuck_line_missed_adds_up)
{
        static char text[LOG_BYTES];
        console_used = 0;
        line_loses_four(text);
        line_room = 10;
        log_write("more is lost", 12);
        log_write("and more", 8);
        line_open();
        static const char notices[] = "\n[4 bytes of the log are not shown]\n"
                                      "\n[20 bytes of the log are not shown]\n";
        ck_assert_int_eq(memcmp(console, notices, sizeof notices - 1), 0);
        ck_assert_uint_eq(console_used, sizeof notices - 1 + sizeof text);
        ck_assert_int_eq(memcmp(console + console_used - 20, "more is lostand more", 20), 0);
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
        tcase_add_test(tests, a_slow_line_gets_all_of_it_later);
        tcase_add_test(tests, a_stuck_line_stops_nobody_and_is_told_what_it_missed);
        tcase_add_test(tests, what_a_stuck_line_missed_adds_up);
        tcase_add_test(tests, the_ring_gives_back_what_was_written);
        tcase_add_test(tests, a_late_reader_gets_the_oldest_that_is_left);
        tcase_add_test(tests, more_than_the_ring_leaves_its_end);
        suite_add_tcase(suite, tests);
        return suite;
}
