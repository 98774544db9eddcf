/* The driver of one serial port, as a terminal (interface tty) under the name of the component.
 *
 *      interrupt ──event──> uart_serve ──input, gap──> the waiting reader
 *                                │ └──────Ctrl-C─────> the attached event
 *      writers ──output queue────┘ (answers wait while it is more than half full)
 *
 * The manifest gives it the chip's I/O ports and its interrupt. */
#include <stdlib.h>

#include "drivers/char/serial/uart.h"
#include "servers/proto/tty.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

enum {
        BIT_INTERRUPT = 1 << 0,
        BIT_AGAIN = 1 << 1, /* uart_serve has more to do */
        READ_MAX = 4096,
        WRITERS_MAX = 8,
        OUTPUT_LOW = QUEUE_BYTES / 2, /* writers are answered when no more than this waits */
};

struct writer {
        handle_t reply;
        uint64_t count; /* bytes taken of what it wrote */
};

static struct {
        struct server server;
        handle_t ports, interrupt, event;
        struct uart uart;

        /* The read that waits for bytes: reply 0 if there is none. */
        handle_t reader;
        uint64_t reader_count, reader_deadline;

        struct writer writers[WRITERS_MAX];
        unsigned writer_count;

        /* Who is told of Ctrl-C. */
        handle_t attached;
        uint64_t attached_bits;
} serial;

static uint8_t port_read(void *context, unsigned reg)
{
        uint64_t value = 0xff;
        (void)context;
        sys_ioport_read(serial.ports, reg, 1, &value);
        return (uint8_t)value;
}

static void port_write(void *context, unsigned reg, uint8_t value)
{
        (void)context;
        sys_ioport_write(serial.ports, reg, 1, value);
}

/* ---- reading ---- */

/* Answers the reader with bytes or, when there are none left, with the gap behind them. Only what a
 * reader really got is taken from the queue. */
static void reader_serve(void)
{
        uint8_t bytes[READ_MAX];
        struct uart *uart = &serial.uart;
        if (!serial.reader || (queue_used(&uart->input) == 0 && uart->lost == 0))
                return;
        handle_t reader = serial.reader;
        serial.reader = 0;
        if (serial.reader_deadline <= rt_now()) {
                rt_reply_outcome(reader, answered(REASON_DEADLINE));
                return;
        }
        size_t count = queue_peek(&uart->input, bytes, serial.reader_count);
        uint64_t lost = count > 0 ? 0 : uart->lost;
        if (tty_read_reply(reader, bytes, count, lost) != OUTCOME_OK)
                return;
        queue_drop(&uart->input, count);
        uart->lost -= lost;
}

static outcome_t read_bytes(struct request *request, uint64_t count, const void **data,
                            size_t *data_length, uint64_t *lost)
{
        (void)data;
        (void)data_length;
        (void)lost;
        if (count == 0 || count > READ_MAX)
                return answered(REASON_INVALID);
        if (serial.reader)
                rt_reply_outcome(serial.reader, answered(REASON_BUSY));
        serial.reader = request->reply;
        serial.reader_count = count;
        serial.reader_deadline = request->deadline;
        reader_serve();
        return RT_DEFERRED;
}

/* ---- writing ---- */

static void writers_serve(void)
{
        if (queue_used(&serial.uart.output) > OUTPUT_LOW)
                return;
        for (unsigned i = 0; i < serial.writer_count; i++)
                tty_write_reply(serial.writers[i].reply, serial.writers[i].count);
        serial.writer_count = 0;
}

/* ---- the chip ---- */

static void serve(void)
{
        bool interrupted, more;
        uart_serve(&serial.uart, &interrupted, &more);
        if (interrupted && serial.attached)
                sys_event_signal(serial.attached, serial.attached_bits);
        if (more)
                sys_event_signal(serial.event, BIT_AGAIN);
        reader_serve();
        writers_serve();
}

static outcome_t write_bytes(struct request *request, const void *data, size_t data_length,
                             uint64_t *count)
{
        *count = queue_add(&serial.uart.output, data, data_length);
        serve();
        if (queue_used(&serial.uart.output) <= OUTPUT_LOW || serial.writer_count == WRITERS_MAX)
                return OUTCOME_OK;
        serial.writers[serial.writer_count++] = (struct writer){request->reply, *count};
        return RT_DEFERRED;
}

static outcome_t attach(struct request *request, struct received_cap *interrupt, uint64_t bits)
{
        (void)request;
        if (interrupt->type != OBJECT_EVENT)
                return answered(REASON_WRONG_TYPE);
        if (serial.attached)
                sys_handle_close(serial.attached);
        serial.attached = cap_take(interrupt);
        serial.attached_bits = bits;
        return OUTCOME_OK;
}

static const struct tty_server handlers = {
    .read = read_bytes,
    .write = write_bytes,
    .attach = attach,
};

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        (void)server;
        (void)key;
        /* Unmasked first: an edge while it is masked would be lost. */
        if (bits & BIT_INTERRUPT)
                sys_interrupt_ack(serial.interrupt);
        serve();
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        (void)badge;
        if (serial.reader == reply) {
                serial.reader = 0;
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
        }
        for (unsigned i = 0; i < serial.writer_count; i++) {
                if (serial.writers[i].reply != reply)
                        continue;
                tty_write_reply(reply, serial.writers[i].count);
                serial.writers[i] = serial.writers[--serial.writer_count];
                return;
        }
}

/* ---- start ---- */

static outcome_t serial_start(void)
{
        handle_t right;
        serial.ports = rt_handle("ioports");
        serial.interrupt = rt_handle("irq");
        serial.uart.read = port_read;
        serial.uart.write = port_write;
        if (!serial.ports || !serial.interrupt || !uart_start(&serial.uart)) {
                rt_log("no serial port there");
                return not_executed(REASON_NOT_FOUND);
        }
        outcome_t outcome = rt_server_init(&serial.server);
        serial.server.on_event = on_event;
        serial.server.on_cancel = on_cancel;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_event(&serial.server, &serial.event);
        if (outcome == OUTCOME_OK)
                outcome = sys_interrupt_bind(serial.interrupt, serial.event, BIT_INTERRUPT);
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_add(&serial.server, TTY_INTERFACE, tty_dispatch, &handlers, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&serial.server, 1, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register(rt_component(), right);
        /* Bytes that came before the interrupt was bound have raised no event. */
        serve();
        return outcome;
}

int main(void)
{
        outcome_t outcome = serial_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&serial.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
