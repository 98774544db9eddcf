/* The lines of a console device: each connection of the host is offered once. */
#include "tests/unit/drivers/suites.h"

#include <string.h>
#include <linux/virtio_console.h>
#include "drivers/char/virtio_console/lines.h"

static struct lines lines;
static struct line_message message;

static void setup(void)
{
        lines = (struct lines){0};
        message = (struct line_message){0};
}

static enum lines_answer device_says(uint32_t port, uint16_t event, uint16_t value)
{
        const struct line_message said = {port, event, value};
        uint8_t bytes[LINE_MESSAGE_BYTES];
        line_message_write(&said, bytes);
        return lines_take(&lines, bytes, sizeof bytes, &message);
}

static void host_opens(uint32_t port, uint16_t open)
{
        ck_assert_int_eq(device_says(port, VIRTIO_CONSOLE_PORT_OPEN, open), LINES_NOTHING);
}

static void expect_message(uint32_t port, uint16_t event, uint16_t value)
{
        ck_assert_uint_eq(message.port, port);
        ck_assert_uint_eq(message.event, event);
        ck_assert_uint_eq(message.value, value);
}

static void ports_add(void)
{
        for (uint32_t port = 0; port <= LINES + 1; port++)
                ck_assert_int_eq(device_says(port, VIRTIO_CONSOLE_PORT_ADD, 1),
                                 port == 0 || port > LINES ? LINES_NOTHING : LINES_ANSWER);
        expect_message(LINES, VIRTIO_CONSOLE_PORT_READY, 1);
}

START_TEST(a_message_is_little_endian)
{
        const struct line_message said = {0x04030201, 0x0605, 0x0807};
        uint8_t bytes[LINE_MESSAGE_BYTES];
        line_message_write(&said, bytes);
        ck_assert_int_eq(memcmp(bytes, "\1\2\3\4\5\6\7\10", 8), 0);
        ck_assert_int_eq(lines_take(&lines, bytes, 7, &message), LINES_BROKEN);
}
END_TEST

START_TEST(a_connection_is_offered_taken_and_over)
{
        ports_add();
        ck_assert_uint_eq(lines_offered(&lines), LINES);
        host_opens(2, 1);
        ck_assert_uint_eq(lines_offered(&lines), 1);
        line_take(&lines, 1, &message);
        expect_message(2, VIRTIO_CONSOLE_PORT_OPEN, 1);
        ck_assert_uint_eq(lines_offered(&lines), LINES);
        ck_assert(!lines.line[1].over);
        host_opens(2, 0);
        ck_assert(lines.line[1].over);
        line_drop(&lines, 1, &message);
        expect_message(2, VIRTIO_CONSOLE_PORT_OPEN, 0);
        ck_assert_uint_eq(lines_offered(&lines), LINES);
}
END_TEST

START_TEST(a_connection_that_was_let_go_of_is_not_offered_again)
{
        ports_add();
        host_opens(1, 1);
        line_take(&lines, 0, &message);
        line_drop(&lines, 0, &message);
        ck_assert_uint_eq(lines_offered(&lines), LINES);
        host_opens(1, 0);
        ck_assert_uint_eq(lines_offered(&lines), LINES);
        host_opens(1, 1);
        ck_assert_uint_eq(lines_offered(&lines), 0);
}
END_TEST

/* The host is faster than we are. */
START_TEST(a_new_connection_waits_until_the_one_before_was_let_go_of)
{
        ports_add();
        host_opens(1, 1);
        line_take(&lines, 0, &message);
        host_opens(1, 0);
        host_opens(1, 1);
        ck_assert(lines.line[0].over);
        ck_assert_uint_eq(lines_offered(&lines), LINES);
        line_drop(&lines, 0, &message);
        ck_assert_uint_eq(lines_offered(&lines), 0);
        line_take(&lines, 0, &message);
        ck_assert(!lines.line[0].over);
        host_opens(1, 1); /* without a word of the end */
        ck_assert(lines.line[0].over);
}
END_TEST

START_TEST(a_port_that_is_gone_is_over_and_opens_no_more)
{
        host_opens(1, 1); /* it was never there */
        ck_assert_uint_eq(lines_offered(&lines), LINES);
        ports_add();
        host_opens(1, 1);
        line_take(&lines, 0, &message);
        ck_assert_int_eq(device_says(1, VIRTIO_CONSOLE_PORT_REMOVE, 1), LINES_NOTHING);
        ck_assert(lines.line[0].over);
        host_opens(1, 1);
        line_drop(&lines, 0, &message);
        ck_assert_uint_eq(lines_offered(&lines), LINES);
}
END_TEST

Suite *lines_suite(void)
{
        Suite *suite = suite_create("lines");
        TCase *tests = tcase_create("lines");
        tcase_add_checked_fixture(tests, setup, NULL);
        tcase_add_test(tests, a_message_is_little_endian);
        tcase_add_test(tests, a_connection_is_offered_taken_and_over);
        tcase_add_test(tests, a_connection_that_was_let_go_of_is_not_offered_again);
        tcase_add_test(tests, a_new_connection_waits_until_the_one_before_was_let_go_of);
        tcase_add_test(tests, a_port_that_is_gone_is_over_and_opens_no_more);
        suite_add_tcase(suite, tests);
        return suite;
}
