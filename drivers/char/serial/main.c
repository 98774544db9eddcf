/* The driver of one serial port, as a terminal (interface tty) under the name of the component.
 *
 *      interrupt ──event──> uart_serve ──input, gap──> the waiting reader
 *                                │ └──────Ctrl-C─────> the attached event
 *      writers ──output queue────┘ (answers wait while it is more than half full)
 *
 * The manifest gives it the chip's I/O ports and its interrupt. */
#include <stdlib.h>

#include "drivers/char/serial/ports.h"
#include "drivers/char/serial/tty.h"
#include "drivers/char/serial/uart.h"
#include "servers/proto/tty.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

enum {
        BIT_INTERRUPT = 1 << 0,
        BIT_AGAIN = 1 << 1,           /* uart_serve has more to do */
        OUTPUT_LOW = QUEUE_BYTES / 2, /* writers are answered when no more than this waits */
};

static struct {
        struct server server;
        handle_t ports, interrupt, event;
        struct uart uart;

        struct tty tty;
} serial;

static bool has_room(void)
{
        return queue_used(&serial.uart.output) <= OUTPUT_LOW;
}

/* ---- the chip ---- */

static void serve(void)
{
        bool interrupted, more;
        uart_serve(&serial.uart, &interrupted, &more);
        if (interrupted)
                tty_interrupt(&serial.tty);
        if (more)
                sys_event_signal(serial.event, BIT_AGAIN);
        tty_serve(&serial.tty, has_room());
}

/* ---- interface tty ---- */

static outcome_t read_bytes(struct request *request, uint64_t count, const void **data,
                            size_t *data_length, uint64_t *lost)
{
        (void)data;
        (void)data_length;
        (void)lost;
        return tty_read_begin(&serial.tty, request, count);
}

static outcome_t write_bytes(struct request *request, const void *data, size_t data_length,
                             uint64_t *count)
{
        *count = queue_add(&serial.uart.output, data, data_length);
        serve();
        return has_room() || !tty_write_wait(&serial.tty, request->reply, *count) ? OUTCOME_OK
                                                                                  : RT_DEFERRED;
}

static outcome_t attach(struct request *request, struct received_cap *interrupt, uint64_t bits)
{
        (void)request;
        return tty_attach_to(&serial.tty, interrupt, bits);
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
        tty_cancel(&serial.tty, reply);
}

/* ---- start ---- */

static outcome_t serial_start(void)
{
        handle_t right;
        serial.ports = rt_handle("ioports");
        serial.interrupt = rt_handle("irq");
        uart_ports(&serial.uart, &serial.ports);
        serial.tty.input = &serial.uart.input;
        serial.tty.lost = &serial.uart.lost;
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
