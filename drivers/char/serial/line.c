/* The driver of the one serial line that a machine has: two terminals (interface tty), as tty0 and
 * tty1, and the log.
 *
 *      interrupt ──event──> uart_serve ──input──> share ──> tty0, tty1
 *      tty0, tty1, log ──> share ──output queue──> uart_serve
 *
 * The kernel leaves the line to it (manifest: `device line`): init tells it, as `log=`, from where
 * on the kernel's log is to be said. The log has no event, so it is looked at now and then. A
 * line of it waits until there is room for a whole one, and terminals are given less than all room,
 * so nothing is dropped. */
#include <stdlib.h>
#include <string.h>

#include "drivers/char/serial/ports.h"
#include "drivers/char/serial/share.h"
#include "drivers/char/serial/tty.h"
#include "drivers/char/serial/uart.h"
#include "servers/common/least.h"
#include "servers/proto/shell.h"
#include "servers/proto/tty.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

enum {
        BIT_INTERRUPT = 1 << 0,
        BIT_AGAIN = 1 << 1,           /* uart_serve has more to do */
        OUTPUT_LOW = QUEUE_BYTES / 2, /* there is room while no more than this waits */
        LOG_CHUNK = 512,
};

#define LOG_LOOK (100 * RT_MILLISECOND)

static struct {
        struct server server;
        handle_t ports, interrupt, event, console;
        struct uart uart;
        struct share share;
        struct {
                struct queue input;
                uint64_t lost; /* bytes behind those of `input`, and so all that follow */
                struct tty tty;
        } ends[SHARE_TTYS];
        uint64_t log_at; /* running offset in the kernel's log: what is behind has gone out */
        char text[LOG_CHUNK];
        size_t text_length, text_taken;
} line;

/* ---- output ------------------------------------------------------------------------------------
 */

static void output_put(void *context, const char *bytes, size_t count)
{
        (void)context;
        queue_add(&line.uart.output, bytes, count);
}

static bool has_room(void)
{
        return queue_used(&line.uart.output) <= OUTPUT_LOW;
}

/* Shows what there is of the log, a line at a time. */
static void log_show(void)
{
        uint64_t count = 1, began;
        while (has_room() && count > 0) {
                if (line.text_taken == line.text_length) {
                        line.text_taken = line.text_length = 0;
                        if (sys_log_read(line.console, line.log_at, line.text, sizeof line.text,
                                         &count, &began) != OUTCOME_OK)
                                return;
                        line.text_length = count;
                        line.log_at = began + count;
                }
                line.text_taken += share_log(&line.share, line.text + line.text_taken,
                                             line.text_length - line.text_taken);
        }
}

/* ---- input -------------------------------------------------------------------------------------
 */

static void input_take(enum share_tty to, uint8_t byte)
{
        if (byte == SHELL_CANCEL)
                tty_interrupt(&line.ends[to].tty);
        if (line.ends[to].lost > 0 || queue_add(&line.ends[to].input, &byte, 1) == 0)
                line.ends[to].lost++;
}

static void input_pass(void)
{
        uint8_t bytes[UART_FIFO_BYTES];
        enum share_tty tty;
        size_t count;
        while ((count = queue_peek(&line.uart.input, bytes, sizeof bytes)) > 0) {
                queue_drop(&line.uart.input, count);
                for (size_t i = 0; i < count; i++)
                        if (share_input(&line.share, (char)bytes[i], &tty))
                                input_take(tty, bytes[i]);
        }
        /* Whose bytes they were is not known. */
        for (unsigned i = 0; i < SHARE_TTYS; i++)
                line.ends[i].lost += line.uart.lost;
        line.uart.lost = 0;
}

static void serve(void)
{
        bool interrupted, more;
        log_show();
        uart_serve(&line.uart, &interrupted, &more);
        input_pass();
        if (more)
                sys_event_signal(line.event, BIT_AGAIN);
        for (unsigned i = 0; i < SHARE_TTYS; i++)
                tty_serve(&line.ends[i].tty, has_room());
}

/* ---- interface tty -----------------------------------------------------------------------------
 */

/* By the badge of its right; NULL: the right is of none. */
static struct tty *tty_of(const struct request *request)
{
        bool known = request->badge >= 1 && request->badge <= SHARE_TTYS;
        return known ? &line.ends[request->badge - 1].tty : NULL;
}

static outcome_t read_bytes(struct request *request, uint64_t count, const void **data,
                            size_t *data_length, uint64_t *lost)
{
        struct tty *tty = tty_of(request);
        (void)data, (void)data_length, (void)lost;
        return tty ? tty_read_begin(tty, request, count) : answered(REASON_REFUSED);
}

/* Takes as much as has room beside a line of the log, however it must be written. */
static outcome_t write_bytes(struct request *request, const void *data, size_t data_length,
                             uint64_t *count)
{
        struct tty *tty = tty_of(request);
        if (!tty)
                return answered(REASON_REFUSED);
        size_t room = QUEUE_BYTES - queue_used(&line.uart.output);
        room -= least(room, SHARE_LOG_MOST + SHARE_AROUND);
        *count = least(data_length, room / 2);
        if (*count > 0 && tty == &line.ends[SHARE_SCREEN].tty)
                share_screen(&line.share, data, *count);
        else if (*count > 0)
                share_batch(&line.share, data, *count);
        serve();
        return has_room() || !tty_write_wait(tty, request->reply, *count) ? OUTCOME_OK
                                                                          : RT_DEFERRED;
}

static outcome_t attach(struct request *request, struct received_cap *interrupt, uint64_t bits)
{
        struct tty *tty = tty_of(request);
        return tty ? tty_attach_to(tty, interrupt, bits) : answered(REASON_REFUSED);
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
                sys_interrupt_ack(line.interrupt);
        serve();
}

static void on_time(struct server *server, uint64_t now)
{
        serve();
        server->deadline = now + LOG_LOOK;
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        (void)badge;
        for (unsigned i = 0; i < SHARE_TTYS; i++)
                if (tty_cancel(&line.ends[i].tty, reply))
                        return;
}

/* ---- start -------------------------------------------------------------------------------------
 */

static outcome_t ttys_register(void)
{
        static const char *const names[SHARE_TTYS] = {"tty0", "tty1"};
        handle_t right;
        outcome_t outcome =
            rt_server_add(&line.server, TTY_INTERFACE, tty_dispatch, &handlers, NULL);
        for (unsigned i = 0; i < SHARE_TTYS && outcome == OUTCOME_OK; i++) {
                outcome = rt_server_right(&line.server, i + 1, &right);
                if (outcome == OUTCOME_OK)
                        outcome = rt_register(names[i], right);
        }
        return outcome;
}

static outcome_t line_start(void)
{
        const char *from = startup_value(rt_startup(), "log");
        line.ports = rt_handle("ioports");
        line.interrupt = rt_handle("irq");
        line.console = rt_handle("console");
        line.log_at = from ? strtoull(from, NULL, 10) : 0;
        line.share.put = output_put;
        uart_ports(&line.uart, &line.ports);
        for (unsigned i = 0; i < SHARE_TTYS; i++) {
                line.ends[i].tty.input = &line.ends[i].input;
                line.ends[i].tty.lost = &line.ends[i].lost;
        }
        if (!line.ports || !line.interrupt || !line.console || !uart_start(&line.uart)) {
                rt_log("no serial port there");
                return not_executed(REASON_NOT_FOUND);
        }
        outcome_t outcome = rt_server_init(&line.server);
        line.server.on_event = on_event;
        line.server.on_time = on_time;
        line.server.on_cancel = on_cancel;
        line.server.deadline = rt_now();
        if (outcome == OUTCOME_OK)
                outcome = rt_server_event(&line.server, &line.event);
        if (outcome == OUTCOME_OK)
                outcome = sys_interrupt_bind(line.interrupt, line.event, BIT_INTERRUPT);
        if (outcome == OUTCOME_OK)
                outcome = ttys_register();
        /* Bytes that came before the interrupt was bound have raised no event. */
        serve();
        return outcome;
}

int main(void)
{
        outcome_t outcome = line_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&line.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
