/* The ns16550A driver against a chip made of C that behaves as the data sheet says, its interrupt
 * edge included: bytes arrive whole and in order in both directions, and no interrupt is missed. */
#include <stdlib.h>
#include <string.h>
#include "drivers/char/serial/uart.h"
#include "tests/unit/suites.h"

/* The chip, and the two ends of its line. */
static struct {
        bool absent;
        uint8_t enable, line_control, modem_control, scratch, divisor;
        bool fifo;
        uint8_t received[UART_FIFO_BYTES];
        size_t received_count;
        size_t transmitter_room; /* bytes until it is full; the FIFO drains by chip_drain */
        bool transmitted;        /* the "empty" interrupt is pending */
        char sent[65536];
        size_t sent_count;
        bool line; /* the interrupt line; a rise is an edge */
        unsigned edges;
        bool never_dry; /* broken: always says that a byte was received */
        uint8_t errors; /* of the line, until its status is read */
} chip;

static struct uart uart;

static bool received_pending(void)
{
        return (chip.enable & ENABLE_RECEIVED) && chip.received_count > 0;
}

static bool transmitted_pending(void)
{
        return (chip.enable & ENABLE_TRANSMITTED) && chip.transmitted;
}

static void line_update(void)
{
        bool line =
            (chip.modem_control & MODEM_OUT2) && (received_pending() || transmitted_pending());
        chip.edges += line && !chip.line;
        chip.line = line;
}

static uint8_t received_take(void)
{
        if (chip.received_count == 0)
                return 'x';
        uint8_t byte = chip.received[0];
        memmove(chip.received, chip.received + 1, --chip.received_count);
        return byte;
}

static uint8_t chip_read(void *context, unsigned reg)
{
        uint8_t value = 0;
        (void)context;
        if (chip.absent)
                return 0xff;
        switch (reg) {
        case UART_DATA:
                value = received_take();
                break;
        case UART_INTERRUPT_ENABLE:
                value = chip.enable;
                break;
        case UART_INTERRUPT_IDENTITY:
                if (received_pending()) {
                        value = 0x04;
                } else if (transmitted_pending()) {
                        value = 0x02;
                        chip.transmitted = false; /* reading it clears it */
                } else {
                        value = IDENTITY_NONE;
                }
                value |= chip.fifo ? IDENTITY_FIFOS : 0;
                break;
        case UART_LINE_STATUS:
                value =
                    (uint8_t)((chip.received_count > 0 || chip.never_dry ? STATUS_RECEIVED : 0) |
                              (chip.transmitter_room == UART_FIFO_BYTES ? STATUS_TRANSMITTER_EMPTY
                                                                        : 0) |
                              chip.errors);
                chip.errors = 0;
                break;
        case UART_SCRATCH:
                value = chip.scratch;
                break;
        default:
                break;
        }
        line_update();
        return value;
}

static void data_write(uint8_t value)
{
        if (chip.line_control & LINE_DIVISOR) {
                chip.divisor = value;
                return;
        }
        ck_assert_uint_gt(chip.transmitter_room, 0);
        chip.transmitter_room--;
        chip.transmitted = false;
        chip.sent[chip.sent_count++] = (char)value;
}

static void chip_write(void *context, unsigned reg, uint8_t value)
{
        (void)context;
        switch (reg) {
        case UART_DATA:
                data_write(value);
                break;
        case UART_INTERRUPT_ENABLE:
                if (chip.line_control & LINE_DIVISOR)
                        break;
                /* Enabling it while the transmitter is empty makes it pending. */
                if ((value & ~chip.enable & ENABLE_TRANSMITTED) &&
                    chip.transmitter_room == UART_FIFO_BYTES)
                        chip.transmitted = true;
                chip.enable = value;
                break;
        case UART_FIFO_CONTROL:
                if (chip.fifo != (value & FIFO_ON))
                        chip.received_count = 0;
                chip.fifo = value & FIFO_ON;
                break;
        case UART_LINE_CONTROL:
                chip.line_control = value;
                break;
        case UART_MODEM_CONTROL:
                chip.modem_control = value;
                break;
        case UART_SCRATCH:
                chip.scratch = value;
                break;
        default:
                ck_abort_msg("a write to register %u", reg);
        }
        line_update();
}

/* The transmitter's FIFO goes out on the line. */
static void chip_drain(void)
{
        if (chip.transmitter_room < UART_FIFO_BYTES)
                chip.transmitted = true;
        chip.transmitter_room = UART_FIFO_BYTES;
        line_update();
}

static void chip_receive(const char *bytes)
{
        for (; *bytes && chip.received_count < UART_FIFO_BYTES; bytes++)
                chip.received[chip.received_count++] = (uint8_t)*bytes;
        if (*bytes)
                chip.errors |= STATUS_OVERRUN;
        line_update();
}

static void setup(void)
{
        memset(&chip, 0, sizeof chip);
        chip.transmitter_room = UART_FIFO_BYTES;
        uart = (struct uart){.read = chip_read, .write = chip_write};
}

static size_t serve(bool *interrupted)
{
        bool more, unused;
        size_t count = uart_serve(&uart, interrupted ? interrupted : &unused, &more);
        ck_assert(!more);
        /* The next event makes an edge only if the line is low now. */
        ck_assert(!chip.line);
        return count;
}

START_TEST(a_chip_is_set_up)
{
        ck_assert(uart_start(&uart));
        ck_assert_uint_eq(chip.divisor, UART_DIVISOR_115200);
        ck_assert_uint_eq(chip.line_control, LINE_8N1);
        ck_assert_uint_eq(chip.modem_control, MODEM_READY | MODEM_OUT2);
        ck_assert_uint_eq(chip.enable, ENABLE_RECEIVED);
        ck_assert(chip.fifo);
}
END_TEST

START_TEST(no_chip_is_noticed)
{
        chip.absent = true;
        ck_assert(!uart_start(&uart));
}
END_TEST

START_TEST(what_was_received_before_the_start_is_kept)
{
        char bytes[8] = "";
        chip_receive("a");
        ck_assert(uart_start(&uart));
        chip_receive("bc");
        /* The driver dies and is started again: its queue is gone, the chip's is not. */
        uart.input = (struct queue){0};
        chip_receive("d");
        ck_assert(uart_start(&uart));
        serve(NULL);
        ck_assert_uint_eq(queue_peek(&uart.input, bytes, sizeof bytes), 3);
        ck_assert_str_eq(bytes, "bcd");
}
END_TEST

START_TEST(received_bytes_arrive_and_make_an_edge_each_time)
{
        char bytes[8] = "";
        ck_assert(uart_start(&uart));
        for (unsigned i = 1; i <= 3; i++) {
                chip_receive("abc");
                ck_assert_uint_eq(chip.edges, i);
                ck_assert_uint_eq(serve(NULL), 3);
                ck_assert_uint_eq(queue_peek(&uart.input, bytes, sizeof bytes), 3);
                ck_assert_str_eq(bytes, "abc");
                queue_drop(&uart.input, 3);
        }
        ck_assert_uint_eq(serve(NULL), 0);
}
END_TEST

START_TEST(control_c_is_told_and_stays_in_the_stream)
{
        char bytes[8] = "";
        bool interrupted;
        ck_assert(uart_start(&uart));
        chip_receive("a\x03z");
        serve(&interrupted);
        ck_assert(interrupted);
        ck_assert_uint_eq(queue_peek(&uart.input, bytes, sizeof bytes), 3);
        ck_assert_str_eq(bytes, "a\x03z");
        serve(&interrupted);
        ck_assert(!interrupted);
}
END_TEST

START_TEST(what_is_written_goes_out_in_order_as_the_line_takes_it)
{
        static char text[10000], expected[10000];
        for (size_t i = 0; i < sizeof text; i++)
                text[i] = expected[i] = (char)(i * 7);
        ck_assert(uart_start(&uart));
        ck_assert_uint_eq(queue_add(&uart.output, text, sizeof text), sizeof text);
        serve(NULL);
        while (queue_used(&uart.output) > 0) {
                unsigned edges = chip.edges;
                chip_drain();
                ck_assert_uint_eq(chip.edges, edges + 1);
                serve(NULL);
        }
        ck_assert_uint_eq(chip.sent_count, sizeof text);
        ck_assert_mem_eq(chip.sent, expected, sizeof text);
        ck_assert_uint_eq(chip.enable, ENABLE_RECEIVED);
}
END_TEST

START_TEST(bytes_for_which_there_is_no_room_are_counted)
{
        ck_assert(uart_start(&uart));
        for (int i = 0; i < QUEUE_BYTES / 16 + 2; i++) {
                chip_receive("0123456789abcdef");
                serve(NULL);
        }
        ck_assert_uint_eq(queue_used(&uart.input), QUEUE_BYTES);
        ck_assert_uint_eq(uart.lost, 32);
}
END_TEST

/* Serves and looks at what a reader would get: the bytes before the gap, and whether there is one.
 * */
static void expect_input(const char *expected, bool gap)
{
        char bytes[64] = "";
        serve(NULL);
        size_t count = queue_peek(&uart.input, bytes, sizeof bytes - 1);
        ck_assert_uint_eq(count, strlen(expected));
        ck_assert_str_eq(bytes, expected);
        ck_assert_int_eq(uart.lost > 0, gap);
}

START_TEST(behind_a_gap_nothing_is_taken_until_it_was_told)
{
        ck_assert(uart_start(&uart));
        chip_receive("abc");
        expect_input("abc", false);
        chip_receive("0123456789abcdef-overrun");
        expect_input("abc", true);
        chip_receive("tail\r");
        expect_input("abc", true);
        queue_drop(&uart.input, 3);
        uart.lost = 0;
        chip_receive("next\r");
        expect_input("next\r", false);
}
END_TEST

START_TEST(a_garbled_byte_is_a_gap)
{
        static const uint8_t errors[] = {STATUS_PARITY, STATUS_FRAMING, STATUS_BREAK};
        ck_assert(uart_start(&uart));
        chip_receive("x");
        chip.errors = errors[_i];
        expect_input("", true);
}
END_TEST

START_TEST(an_error_is_seen_when_output_is_under_way)
{
        ck_assert(uart_start(&uart));
        chip.errors = STATUS_OVERRUN;
        queue_add(&uart.output, "text", 4);
        expect_input("", true);
}
END_TEST

START_TEST(what_was_lost_before_the_first_start_is_nobodys)
{
        chip.errors = STATUS_OVERRUN;
        ck_assert(uart_start(&uart));
        expect_input("", false);
        /* But what was lost while the driver was started anew is. */
        chip_receive("0123456789abcdef-overrun");
        ck_assert(uart_start(&uart));
        expect_input("", true);
}
END_TEST

START_TEST(a_chip_that_never_runs_dry_does_not_hold_up_the_driver)
{
        bool interrupted, more;
        ck_assert(uart_start(&uart));
        chip.never_dry = true;
        uart_serve(&uart, &interrupted, &more);
        ck_assert(more);
}
END_TEST

START_TEST(a_queue_keeps_order_around_its_end)
{
        static struct queue queue;
        uint8_t in = 0, out = 0, bytes[300];
        for (int round = 0; round < 1000; round++) {
                size_t count = (size_t)rand() % sizeof bytes;
                for (size_t i = 0; i < count; i++)
                        bytes[i] = (uint8_t)(in + i);
                in = (uint8_t)(in + queue_add(&queue, bytes, count));
                count = queue_peek(&queue, bytes, (size_t)rand() % sizeof bytes);
                for (size_t i = 0; i < count; i++)
                        ck_assert_uint_eq(bytes[i], (uint8_t)(out + i));
                queue_drop(&queue, count);
                out = (uint8_t)(out + count);
        }
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("serial");
        TCase *tcase = tcase_create("serial");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, a_chip_is_set_up);
        tcase_add_test(tcase, no_chip_is_noticed);
        tcase_add_test(tcase, what_was_received_before_the_start_is_kept);
        tcase_add_test(tcase, received_bytes_arrive_and_make_an_edge_each_time);
        tcase_add_test(tcase, control_c_is_told_and_stays_in_the_stream);
        tcase_add_test(tcase, what_is_written_goes_out_in_order_as_the_line_takes_it);
        tcase_add_test(tcase, bytes_for_which_there_is_no_room_are_counted);
        tcase_add_test(tcase, behind_a_gap_nothing_is_taken_until_it_was_told);
        tcase_add_loop_test(tcase, a_garbled_byte_is_a_gap, 0, 3);
        tcase_add_test(tcase, an_error_is_seen_when_output_is_under_way);
        tcase_add_test(tcase, what_was_lost_before_the_first_start_is_nobodys);
        tcase_add_test(tcase, a_chip_that_never_runs_dry_does_not_hold_up_the_driver);
        tcase_add_test(tcase, a_queue_keeps_order_around_its_end);
        suite_add_tcase(suite, tcase);
        return suites_run(suite, NULL);
}
