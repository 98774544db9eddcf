/* A terminal: what is typed becomes lines with echo, or bytes; what programs write is made for a
 * screen; signals and the end of file are keys. */
#include "tests/unit/stream/suites.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include "servers/stream/terminal.h"

enum { READER = 11, WRITER = 21 };

static struct terminal terminal;
static struct terminal_echo echoed;
static uint8_t input[PIPE_BYTES], output[PIPE_BYTES];

static void setup(void)
{
        terminal_begin(&terminal, input, output, 24, 80);
}

static uint64_t type(const char *text)
{
        return terminal_type(&terminal, (const uint8_t *)text, strlen(text), &echoed);
}

static void expect_echo(const char *text)
{
        ck_assert_uint_eq(echoed.length, strlen(text));
        ck_assert_int_eq(memcmp(echoed.bytes, text, echoed.length), 0);
}

static void expect_read(const char *text)
{
        uint8_t got[128];
        size_t length;
        uint64_t older;
        ck_assert_int_eq(terminal_read(&terminal, READER, got, sizeof got, &length, &older),
                         PIPE_DONE);
        ck_assert_uint_eq(length, strlen(text));
        ck_assert_int_eq(memcmp(got, text, length), 0);
}

static void expect_nothing(void)
{
        uint8_t got[8];
        size_t length;
        uint64_t older;
        ck_assert_int_eq(terminal_read(&terminal, READER, got, sizeof got, &length, &older),
                         PIPE_LATER);
        ck_assert_uint_eq(pipe_reader_drop(&terminal.input, &length), READER);
}

static void raw(uint8_t least)
{
        struct terminal_mode mode = terminal.mode;
        mode.local &= ~(uint32_t)(ICANON | ECHO);
        mode.input &= ~(uint32_t)ICRNL;
        mode.characters[VMIN] = least;
        ck_assert(terminal_set_mode(&terminal, &mode, false));
}

START_TEST(lines_come_whole_and_one_by_one)
{
        type("on");
        expect_echo("on");
        expect_nothing();
        type("e\rtwo\r");
        expect_echo("e\r\ntwo\r\n");
        expect_read("one\n");
        expect_read("two\n");
        expect_nothing();
}
END_TEST

START_TEST(a_line_can_be_mended)
{
        type("ab\xc3\xa4");
        type("\x7f");
        expect_echo("\b \b"); /* two bytes, one character */
        type("\x7f");
        type("c d\x01\x7f");
        expect_echo("c d^A\b\b  \b\b");
        type("\x17"
             "e\r");
        expect_read("ac e\n");
        type("wrong\x15right\r");
        expect_read("right\n");
        type("\x7f"); /* nothing is there */
        expect_echo("");
}
END_TEST

START_TEST(control_d_ends_what_is_read)
{
        type("\x04");
        expect_read("");
        expect_nothing();
        type("ab\x04");
        expect_read("ab");
        type("cd\r\x04");
        expect_read("cd\n");
        expect_read("");
        expect_nothing();
}
END_TEST

START_TEST(who_waits_is_told_of_a_line_and_of_the_end)
{
        uint8_t got[8];
        size_t length, count;
        uint64_t older;
        terminal_read(&terminal, READER, got, sizeof got, &length, &older);
        type("a");
        ck_assert_uint_eq(terminal_reader_due(&terminal, &count), 0);
        type("\r");
        ck_assert_uint_eq(terminal_reader_due(&terminal, &count), READER);
        expect_read("a\n");
        terminal_read(&terminal, READER, got, sizeof got, &length, &older);
        type("\x04");
        ck_assert_uint_eq(terminal_reader_due(&terminal, &count), READER);
        expect_read("");
}
END_TEST

START_TEST(signals_are_keys_as_long_as_they_are_wanted)
{
        ck_assert_uint_eq(type("ab\x03"), 1u << SIGINT);
        expect_echo("ab^C");
        type("c\r");
        expect_read("c\n");
        ck_assert_uint_eq(type("\x1a\x1c"), 1u << SIGTSTP | 1u << SIGQUIT);
        struct terminal_mode mode = terminal.mode;
        mode.local &= ~(uint32_t)ISIG;
        ck_assert(terminal_set_mode(&terminal, &mode, false));
        ck_assert_uint_eq(type("\x03\r"), 0);
        expect_read("\x03\n");
}
END_TEST

START_TEST(a_raw_terminal_gives_bytes)
{
        type("half");
        raw(1);
        expect_read("half");
        type("\x04\r\x7f");
        expect_echo("");
        expect_read("\x04\r\x7f");
        expect_nothing();
        raw(0);
        expect_read("");
        struct terminal_mode mode = terminal.mode;
        mode.characters[VTIME] = 1;
        ck_assert(!terminal_set_mode(&terminal, &mode, false));
}
END_TEST

START_TEST(setting_a_mode_may_drop_what_was_typed)
{
        struct terminal_mode mode = terminal.mode;
        type("one\r\x04two");
        ck_assert(terminal_set_mode(&terminal, &mode, true));
        expect_nothing();
        type("three\r");
        expect_read("three\n");
}
END_TEST

START_TEST(output_is_made_for_a_screen)
{
        static const char text[] = "a\nb";
        uint8_t shown[16];
        size_t done, length;
        ck_assert_int_eq(terminal_write(&terminal, WRITER, (const uint8_t *)text, 3, &done),
                         PIPE_DONE);
        ck_assert_uint_eq(done, 3);
        pipe_read(&terminal.output, READER, shown, sizeof shown, &length);
        ck_assert_uint_eq(length, 4);
        ck_assert_int_eq(memcmp(shown, "a\r\nb", 4), 0);
}
END_TEST

START_TEST(a_writer_waits_for_room_for_a_newline)
{
        static uint8_t fill[PIPE_BYTES], shown[2];
        size_t done, length;
        bool broken;
        memset(fill, 'x', sizeof fill);
        terminal_write(&terminal, WRITER, fill, PIPE_BYTES - 1, &done);
        ck_assert_uint_eq(done, PIPE_BYTES - 1);
        ck_assert_int_eq(terminal_write(&terminal, WRITER, (const uint8_t *)"\n", 1, &done),
                         PIPE_LATER);
        ck_assert_uint_eq(pipe_writer_due(&terminal.output, &broken), 0);
        pipe_read(&terminal.output, READER, shown, 1, &length);
        ck_assert_uint_eq(pipe_writer_due(&terminal.output, &broken), WRITER);
        ck_assert_int_eq(terminal_write(&terminal, WRITER, (const uint8_t *)"\n", 1, &done),
                         PIPE_DONE);
}
END_TEST

START_TEST(what_finds_no_room_rings)
{
        char line[TERMINAL_LINE + 8];
        memset(line, 'x', sizeof line - 1);
        line[sizeof line - 1] = 0;
        type(line);
        ck_assert_int_eq(echoed.bytes[echoed.length - 1], '\a');
        type("\r");
        expect_echo("\r\n");
        ck_assert_uint_eq(terminal.input.put, TERMINAL_LINE);
}
END_TEST

/* What is handed back, piece by piece, in the order in which it was typed. */
static void expect_taken_back(size_t piece, const char *text)
{
        uint8_t got[64];
        size_t at = strlen(text), length;
        while ((length = terminal_take_back(&terminal, got, piece))) {
                ck_assert_uint_le(length, at);
                at -= length;
                ck_assert_int_eq(memcmp(got, text + at, length), 0);
        }
        ck_assert_uint_eq(at, 0);
        expect_nothing();
}

START_TEST(what_nobody_has_read_is_taken_back)
{
        type("one\rtwo\rthree\rfo\x7f"
             "our");
        expect_read("one\n");
        expect_taken_back(64, "two\nthree\nfour");
        type("two\rthree\rfour");
        expect_taken_back(3, "two\nthree\nfour");
        /* Where the end of the file was typed is nothing then. */
        type("a\r\x04\x04");
        expect_taken_back(64, "a\n");
        raw(1);
        type("\x04\r\x7f");
        expect_taken_back(2, "\x04\r\x7f");
        /* What a mode was to drop is gone. */
        type("gone");
        struct terminal_mode mode = terminal.mode;
        ck_assert(terminal_set_mode(&terminal, &mode, true));
        expect_taken_back(64, "");
        /* Nobody is left who could read it. */
        pipe_close(&terminal.input, PIPE_READ);
        uint8_t got[8];
        type("kept");
        ck_assert_uint_eq(terminal_take_back(&terminal, got, sizeof got), 4);
}
END_TEST

START_TEST(whoever_polls_sees_what_is_typed_after_that)
{
        uint8_t got[8];
        type("a\r");
        const uint64_t seen = terminal_ready(&terminal).progress;
        terminal_take_back(&terminal, got, sizeof got);
        ck_assert_uint_eq(terminal_ready(&terminal).events & POLLIN, 0);
        type("b\r");
        ck_assert_uint_eq(terminal_ready(&terminal).events & POLLIN, POLLIN);
        ck_assert_uint_ne(terminal_ready(&terminal).progress, seen);
        terminal.hung_up = true;
        ck_assert_uint_eq(terminal_ready(&terminal).events & POLLHUP, POLLHUP);
}
END_TEST

START_TEST(the_group_in_the_foreground_reads)
{
        uint8_t got[8];
        size_t length;
        uint64_t older;
        ck_assert(terminal_may_read(&terminal, 5)); /* nobody has said */
        ck_assert_uint_eq(terminal_set_foreground(&terminal, 5), 0);
        ck_assert(terminal_may_read(&terminal, 5) && !terminal_may_read(&terminal, 6));
        terminal_read(&terminal, READER, got, sizeof got, &length, &older);
        terminal.reader_group = 5;
        ck_assert_uint_eq(terminal_set_foreground(&terminal, 5), 0);
        ck_assert_uint_eq(terminal_set_foreground(&terminal, 6), READER);
        type("kept\r");
        expect_read("kept\n");
}
END_TEST

START_TEST(the_others_write_unless_the_mode_forbids_it)
{
        struct terminal_mode mode = terminal.mode;
        terminal_set_foreground(&terminal, 5);
        ck_assert(terminal_may_write(&terminal, 6));
        mode.local |= TOSTOP;
        ck_assert(terminal_set_mode(&terminal, &mode, false));
        ck_assert(terminal_may_write(&terminal, 5) && !terminal_may_write(&terminal, 6));
}
END_TEST

Suite *terminal_suite(void)
{
        Suite *suite = suite_create("terminal");
        TCase *tests = tcase_create("terminal");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, lines_come_whole_and_one_by_one);
        tcase_add_test(tests, a_line_can_be_mended);
        tcase_add_test(tests, control_d_ends_what_is_read);
        tcase_add_test(tests, who_waits_is_told_of_a_line_and_of_the_end);
        tcase_add_test(tests, signals_are_keys_as_long_as_they_are_wanted);
        tcase_add_test(tests, a_raw_terminal_gives_bytes);
        tcase_add_test(tests, setting_a_mode_may_drop_what_was_typed);
        tcase_add_test(tests, output_is_made_for_a_screen);
        tcase_add_test(tests, a_writer_waits_for_room_for_a_newline);
        tcase_add_test(tests, what_finds_no_room_rings);
        tcase_add_test(tests, what_nobody_has_read_is_taken_back);
        tcase_add_test(tests, whoever_polls_sees_what_is_typed_after_that);
        tcase_add_test(tests, the_group_in_the_foreground_reads);
        tcase_add_test(tests, the_others_write_unless_the_mode_forbids_it);
        suite_add_tcase(suite, tests);
        return suite;
}
