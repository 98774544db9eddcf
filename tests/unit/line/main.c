/* A line that log, screen and commands share: each comes out as it went in, no output passes for
 * another kind, and what a user edits stands below what the log says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/char/serial/share.h"
#include "servers/proto/line.h"
#include "tests/unit/suites.h"
#include "tools/ptl/channels.h"

enum { LOG = 1 << CHANNEL_LOG, SCREEN = 1 << CHANNEL_SCREEN, BATCH = 1 << CHANNEL_BATCH };
enum { BYTES = 65536, ROWS = 64, COLUMNS = 80 };

struct bytes {
        size_t length;
        char at[BYTES];
};

static struct bytes sent;

static void put(void *context, const char *bytes, size_t count)
{
        struct bytes *to = context;
        ck_assert_uint_le(count, BYTES - to->length);
        memcpy(to->at + to->length, bytes, count);
        to->length += count;
}

static struct share share;

static void setup(void)
{
        sent.length = 0;
        share = (struct share){.put = put, .context = &sent};
}

static void screen(const char *text)
{
        share_screen(&share, text, strlen(text));
}

static void say(const char *text)
{
        size_t length = strlen(text), taken = 0;
        while (taken < length)
                taken += share_log(&share, text + taken, length - taken);
}

/* What comes of the channels whose bits are set. */
static struct bytes got(unsigned wanted)
{
        static struct bytes all;
        struct channels channels = {0};
        all.length = 0;
        for (size_t i = 0; i < sent.length; i++) {
                char byte = sent.at[i];
                if (1u << channels_take(&channels, &byte) & wanted)
                        all.at[all.length++] = byte;
        }
        return all;
}

static void ck_got(unsigned wanted, const void *expected, size_t length)
{
        struct bytes all = got(wanted);
        ck_assert_uint_eq(all.length, length);
        ck_assert_mem_eq(all.at, expected, length);
}

/* ---- a terminal that knows nothing of marks ----------------------------------------------------
 */

static struct {
        char rows[ROWS][COLUMNS + 1];
        unsigned row, column;
        unsigned questions; /* ESC [ 6 n */
} seen;

static const char *sequence_show(const char *at, const char *end)
{
        unsigned number = 0;
        for (at += 2; at < end && *at >= '0' && *at <= '?'; at++)
                number = number * 10 + (unsigned)(*at - '0');
        if (*at == 'K')
                memset(seen.rows[seen.row] + seen.column, 0, COLUMNS - seen.column);
        if (*at == 'C')
                seen.column += number;
        seen.questions += *at == 'n';
        return at;
}

static void terminal_shows(void)
{
        const char *end = sent.at + sent.length;
        memset(&seen, 0, sizeof seen);
        for (const char *at = sent.at; at < end; at++) {
                if (*at == '\x1b')
                        at = sequence_show(at, end);
                else if (*at == '\n')
                        seen.row++;
                else if (*at == '\r')
                        seen.column = 0;
                else if (*at == '\b')
                        seen.column--;
                else if ((unsigned char)*at >= ' ')
                        seen.rows[seen.row][seen.column++] = *at;
                ck_assert_uint_lt(seen.row, ROWS);
                ck_assert_uint_lt(seen.column, COLUMNS);
        }
}

START_TEST(what_is_edited_stands_below_the_log)
{
        screen("\x1b[?2004hn1> ls /f");
        say("[1.000] fs: one\n[1.1");
        say("00] fs: two\n");
        screen("s\b \bS");
        say("[1.200] fs: three\n");
        terminal_shows();
        ck_assert_str_eq(seen.rows[0], "[1.000] fs: one");
        ck_assert_str_eq(seen.rows[1], "[1.100] fs: two");
        ck_assert_str_eq(seen.rows[2], "[1.200] fs: three");
        ck_assert_str_eq(seen.rows[3], "n1> ls /fS");
        ck_assert_uint_eq(seen.row, 3);
        ck_assert_uint_eq(seen.column, strlen("n1> ls /fS"));
}
END_TEST

START_TEST(the_cursor_stays_within_a_row_that_was_drawn_again)
{
        screen("n1> abcdef\rn1> abXdef\x1b[K\r\x1b[7C");
        say("log\n");
        terminal_shows();
        ck_assert_str_eq(seen.rows[1], "n1> abXdef");
        ck_assert_uint_eq(seen.column, 7);
        /* However often that is done, it is one row. */
        for (int i = 0; i < 1000; i++)
                screen("\rn1> abYdef\x1b[K\r\x1b[6C");
        say("more\n");
        terminal_shows();
        ck_assert_str_eq(seen.rows[2], "n1> abYdef");
        ck_assert_uint_eq(seen.column, 6);
}
END_TEST

START_TEST(a_row_that_was_ended_is_not_drawn_again)
{
        screen("n1> nodes\r\nn1 up\r\n");
        say("log\n");
        screen("n1> ");
        terminal_shows();
        ck_assert_str_eq(seen.rows[0], "n1> nodes");
        ck_assert_str_eq(seen.rows[2], "log");
        ck_assert_str_eq(seen.rows[3], "n1> ");
}
END_TEST

START_TEST(a_terminal_is_asked_no_question_twice)
{
        screen("\x1b[999C\x1b[6n\rn1> ");
        say("log\n");
        unsigned asked = 0;
        for (size_t i = 0; i + 4 <= sent.length; i++)
                asked += memcmp(sent.at + i, "\x1b[6n", 4) == 0;
        ck_assert_uint_eq(asked, 1);
}
END_TEST

START_TEST(a_row_that_is_too_long_stays_where_it_is)
{
        for (int i = 0; i < SHARE_ROW; i++)
                screen("\x1b[C\b");
        sent.length = 0;
        say("log\nmore\n");
        ck_got(LOG | SCREEN, "\r\nlog\r\nmore\r\n", 13);
        screen("x");
        sent.length = 0;
        say("log\n");
        ck_got(SCREEN, "\r\x1b[Kx", 5);
}
END_TEST

START_TEST(nothing_passes_for_another_kind)
{
        static const char marks[] = {'a',      LINE_SCREEN, LINE_BATCH,
                                     LINE_LOG, LINE_ESCAPE, LINE_SCREEN ^ LINE_FLIP,
                                     '\x1e',   '0',         '\n'};
        share_batch(&share, marks, sizeof marks);
        share_screen(&share, marks, sizeof marks);
        say("a\x1c\x1d\x1f\x1b\x7f\n");
        ck_got(BATCH, marks, sizeof marks);
        ck_got(SCREEN,
               "a???\x10\\\x1e"
               "0\n",
               9);
        ck_got(LOG, "a?????\r\n", 8);
}
END_TEST

START_TEST(a_long_line_comes_in_parts)
{
        char text[3 * SHARE_LINE + 2];
        memset(text, 'x', sizeof text);
        text[sizeof text - 2] = '\n';
        text[sizeof text - 1] = 0;
        say(text);
        ck_assert_uint_eq(got(LOG).length, 3 * SHARE_LINE + 6);
}
END_TEST

/* Whatever is written in whatever order, each kind comes out whole. */
START_TEST(each_kind_comes_out_as_it_went_in)
{
        static struct bytes batch, shown;
        for (unsigned seed = 1; seed <= 50; seed++) {
                setup();
                srand(seed);
                batch.length = shown.length = 0;
                for (int i = 0; i < 100; i++) {
                        char bytes[40];
                        size_t length = 1 + (size_t)rand() % sizeof bytes;
                        for (size_t j = 0; j < length; j++)
                                bytes[j] = (char)(rand() % 3 ? rand() % 32 : rand());
                        if (i % 2) {
                                share_batch(&share, bytes, length);
                                put(&batch, bytes, length);
                        } else {
                                share_screen(&share, bytes, length);
                                for (size_t j = 0; j < length; j++)
                                        if (bytes[j] == LINE_SCREEN || bytes[j] == LINE_BATCH ||
                                            bytes[j] == LINE_LOG)
                                                bytes[j] = '?';
                                put(&shown, bytes, length);
                        }
                }
                ck_got(BATCH, batch.at, batch.length);
                ck_got(SCREEN, shown.at, shown.length);
        }
}
END_TEST

START_TEST(commands_are_told_from_keys)
{
        static const char typed[] = "ls\r\x1enodes\nx\x03y\x1e\x03z\x1e\n\n";
        static const char kinds[] = "sss bbbbbbsss bs bs";
        size_t kind = 0;
        for (size_t i = 0; i < sizeof typed - 1; i++) {
                enum share_tty tty;
                bool taken = share_input(&share, typed[i], &tty);
                char expected = kinds[kind++];
                ck_assert_int_eq(taken, expected != ' ');
                if (taken)
                        ck_assert_int_eq(tty, expected == 'b' ? SHARE_BATCH : SHARE_SCREEN);
        }
        ck_assert_uint_eq(kind, sizeof kinds - 1);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("line");
        TCase *tests = tcase_create("all");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, what_is_edited_stands_below_the_log);
        tcase_add_test(tests, the_cursor_stays_within_a_row_that_was_drawn_again);
        tcase_add_test(tests, a_row_that_was_ended_is_not_drawn_again);
        tcase_add_test(tests, a_terminal_is_asked_no_question_twice);
        tcase_add_test(tests, a_row_that_is_too_long_stays_where_it_is);
        tcase_add_test(tests, nothing_passes_for_another_kind);
        tcase_add_test(tests, a_long_line_comes_in_parts);
        tcase_add_test(tests, each_kind_comes_out_as_it_went_in);
        tcase_add_test(tests, commands_are_told_from_keys);
        suite_add_tcase(suite, tests);
        return suites_run(suite, NULL);
}
