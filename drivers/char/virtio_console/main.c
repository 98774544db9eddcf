/* The driver of a virtio console device: its lines to the host, interface host, each an interface
 * tty once it was accepted.
 *
 *      device ──control──> lines ──offered──> the waiting accept ──> right of a line
 *             ──bytes──> console ──> the waiting reader     writer ──> console ──bytes──> device
 *
 * A right's badge says which line it is of, and which use of it: use << 8 | line + 1; badge 1 << 63
 * is interface host's. What belongs to a connection that is over is answered and forgotten before
 * the next one is offered. */
#include <stdlib.h>

#include "drivers/char/virtio_console/device.h"
#include "servers/proto/host.h"
#include "servers/proto/tty.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

enum { BIT_INTERRUPT = 1, READ_MOST = 4096, WRITE_MOST = 8192, USE_SHIFT = 8 };

#define BADGE_HOST (1ull << 63)

struct user {
        uint64_t use;    /* of the line, counted from 1 */
        handle_t reader; /* waits for bytes; 0: nobody */
        size_t reader_count;
        handle_t writer; /* waits for room; 0: nobody */
};

static struct {
        struct server server;
        handle_t event;
        struct console console;
        struct lines lines;
        struct user users[LINES];
        handle_t accepting; /* waits for a line; 0: nobody */
} driver;

static uint64_t badge_of(unsigned line)
{
        return driver.users[line].use << USE_SHIFT | (line + 1);
}

/* The line that a right is of; LINES: it is of none. */
static unsigned line_of(uint64_t badge)
{
        unsigned line = (badge & ((1u << USE_SHIFT) - 1)) - 1;
        return line < LINES && driver.lines.line[line].taken && badge == badge_of(line) ? line
                                                                                        : LINES;
}

/* ---- what waits --------------------------------------------------------------------------------
 */

static void reader_serve(unsigned line)
{
        static uint8_t bytes[READ_MOST];
        struct user *user = &driver.users[line];
        if (!user->reader)
                return;
        size_t count = device_peek(&driver.console, line, bytes, user->reader_count);
        if (count == 0 && !driver.lines.line[line].over)
                return;
        handle_t reader = user->reader;
        user->reader = 0;
        if (tty_read_reply(reader, bytes, count, 0) == OUTCOME_OK)
                device_drop(&driver.console, line, count);
}

static void writer_serve(unsigned line)
{
        struct user *user = &driver.users[line];
        handle_t writer = user->writer;
        if (!writer)
                return;
        user->writer = 0;
        if (driver.lines.line[line].over)
                rt_reply_outcome(writer, answered(REASON_RECEIVER_DIED));
        else
                tty_write_reply(writer, 0); /* its bytes are gone: it sends them again */
}

/* A right to an offered line, which is taken then. */
static outcome_t line_right(unsigned line, handle_t *right)
{
        struct line_message message;
        driver.users[line].use++;
        outcome_t outcome = rt_server_right(&driver.server, badge_of(line), right);
        if (outcome != OUTCOME_OK)
                return outcome;
        line_take(&driver.lines, line, &message);
        device_tell(&driver.console, &message);
        return OUTCOME_OK;
}

static void accept_serve(void)
{
        unsigned line = lines_offered(&driver.lines);
        handle_t right, accepting = driver.accepting;
        if (!accepting || line == LINES)
                return;
        driver.accepting = 0;
        outcome_t outcome = line_right(line, &right);
        if (outcome == OUTCOME_OK)
                host_accept_reply(accepting, cap_move(right));
        else
                rt_reply_outcome(accepting, outcome);
}

/* ---- interfaces --------------------------------------------------------------------------------
 */

static outcome_t accept(struct request *request, struct send_cap *line)
{
        (void)line;
        if (request->badge != BADGE_HOST)
                return answered(REASON_REFUSED);
        if (driver.accepting)
                rt_reply_outcome(driver.accepting, answered(REASON_BUSY));
        driver.accepting = request->reply;
        accept_serve();
        return RT_DEFERRED;
}

static outcome_t read_bytes(struct request *request, uint64_t count, const void **data,
                            size_t *data_length, uint64_t *lost)
{
        unsigned line = line_of(request->badge);
        (void)data, (void)data_length, (void)lost;
        if (line == LINES)
                return answered(REASON_REFUSED);
        if (count == 0)
                return answered(REASON_INVALID);
        struct user *user = &driver.users[line];
        if (user->reader)
                rt_reply_outcome(user->reader, answered(REASON_BUSY));
        user->reader = request->reply;
        user->reader_count = count < READ_MOST ? count : READ_MOST;
        reader_serve(line);
        return RT_DEFERRED;
}

static outcome_t write_bytes(struct request *request, const void *data, size_t data_length,
                             uint64_t *count)
{
        unsigned line = line_of(request->badge);
        if (line == LINES)
                return answered(REASON_REFUSED);
        struct user *user = &driver.users[line];
        if (driver.lines.line[line].over)
                return answered(REASON_RECEIVER_DIED);
        if (user->writer)
                return answered(REASON_OVERLOADED);
        *count = data_length ? device_write(&driver.console, line, data, data_length) : 0;
        if (*count > 0 || data_length == 0)
                return OUTCOME_OK;
        user->writer = request->reply;
        return RT_DEFERRED;
}

/* ---- notices -----------------------------------------------------------------------------------
 */

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        uint8_t bytes[CONSOLE_CONTROL];
        struct line_message answer;
        size_t length;
        (void)server, (void)key, (void)bits;
        while ((length = device_control(&driver.console, bytes)) > 0) {
                enum lines_answer what = lines_take(&driver.lines, bytes, length, &answer);
                if (what == LINES_ANSWER)
                        device_tell(&driver.console, &answer);
                else if (what == LINES_BROKEN)
                        rt_log("a control message of %zu bytes: passed over", length);
        }
        for (unsigned i = 0; i < LINES; i++) {
                reader_serve(i);
                writer_serve(i);
        }
        accept_serve();
}

/* Takes the reply right out of where it waits; false: it does not wait there. */
static bool forget(handle_t *waiting, handle_t reply)
{
        if (*waiting != reply)
                return false;
        *waiting = 0;
        rt_reply_outcome(reply, answered(REASON_CANCELLED));
        return true;
}

/* Whoever still waits at a line that was let go of must not get the next connection's bytes. */
static void line_leave(unsigned line)
{
        struct user *user = &driver.users[line];
        struct line_message message;
        if (user->reader)
                forget(&user->reader, user->reader);
        if (user->writer)
                forget(&user->writer, user->writer);
        line_drop(&driver.lines, line, &message);
        device_tell(&driver.console, &message);
        device_discard(&driver.console, line);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        unsigned line = line_of(badge);
        (void)server, (void)issues;
        if (line == LINES)
                return;
        line_leave(line);
        accept_serve();
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server, (void)badge;
        bool found = forget(&driver.accepting, reply);
        for (unsigned i = 0; i < LINES && !found; i++)
                found = forget(&driver.users[i].reader, reply) ||
                        forget(&driver.users[i].writer, reply);
}

static outcome_t driver_start(void)
{
        static const struct host_server host = {.accept = accept};
        static const struct tty_server line = {.read = read_bytes, .write = write_bytes};
        handle_t right;
        outcome_t outcome = rt_server_init(&driver.server);
        driver.server.receive_bytes = WRITE_MOST;
        driver.server.on_event = on_event;
        driver.server.on_no_senders = on_no_senders;
        driver.server.on_cancel = on_cancel;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_event(&driver.server, &driver.event);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&driver.server, HOST_INTERFACE, host_dispatch, &host, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&driver.server, TTY_INTERFACE, tty_dispatch, &line, NULL);
        if (outcome != OUTCOME_OK)
                return outcome;
        device_start(&driver.console, driver.event, BIT_INTERRUPT);
        outcome = rt_server_right(&driver.server, BADGE_HOST, &right);
        return outcome == OUTCOME_OK ? rt_register("host", right) : outcome;
}

int main(void)
{
        outcome_t outcome = driver_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&driver.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
