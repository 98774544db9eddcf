/* Moves bytes between the tty server and the rest of the shell; see terminal.h. The rings are
 * shared by fibers, which switch only where they wait: each is consistent at every wait. */
#include "servers/shell/terminal.h"

#include <string.h>

#include "servers/proto/tty.h"
#include "servers/rt/pure/ring.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/shell/calls.h"

enum {
        INPUT_BYTES = 4096,
        OUTPUT_BYTES = 32768,
        READ_BYTES = 512,
        WRITE_BYTES = 4096,
};

#define RETRY_AFTER (200 * RT_MILLISECOND)
/* A line that takes nothing for so long has lost its reader. */
#define WRITE_WAIT (60 * RT_SECOND)

/* Bytes in a ring: those at [taken, put), modulo its size. */
static struct {
        struct service service;
        const char *ready; /* to be logged when the tty server was found */
        int reader, writer, front;
        char input[INPUT_BYTES];
        size_t input_taken, input_put;
        bool gap; /* behind the input bytes were lost */
        char output[OUTPUT_BYTES];
        size_t output_taken, output_put;
        bool interrupt;            /* Ctrl-C came, and nobody has taken it */
        unsigned interrupts_taken; /* … of those taken, the bytes still to be read */
} terminal;

/* Looks the tty server up if it has died; 0: not found, try again. For the reader, which hears of a
 * death at once; the writer takes the right that the reader found. */
static handle_t tty_right(void)
{
        handle_t right = 0;
        if (service_get(&terminal.service, RT_DEADLINE, &right) == OUTCOME_OK)
                return right;
        fiber_wait(rt_after(RETRY_AFTER));
        return 0;
}

/* Asks the tty server to tell of Ctrl-C. */
static outcome_t tty_ask_interrupts(handle_t right)
{
        struct send_cap event = {.handle = calls_event(), .rights = RIGHT_SIGNAL | RIGHT_COPY};
        return tty_attach(right, RT_DEADLINE, event, CALLS_CANCEL);
}

static void front_wake(void)
{
        if (terminal.front >= 0)
                fiber_wake(terminal.front);
}

/* Waits until the front knows of a gap, behind which these bytes are. */
static void input_put(const char *bytes, size_t length)
{
        while (terminal.gap || terminal.input_put - terminal.input_taken > INPUT_BYTES - length)
                fiber_wait(FIBER_NEVER);
        ring_copy_in(terminal.input, INPUT_BYTES, terminal.input_put, bytes, length);
        terminal.input_put += length;
        front_wake();
}

static void gap_put(void)
{
        terminal.gap = true;
        front_wake();
}

static void say_ready(void)
{
        if (terminal.ready)
                rt_log("%s", terminal.ready);
        terminal.ready = NULL;
}

/* A server that dies during a read had nothing left to tell. One that dies between two reads takes
 * unread bytes along. */
static outcome_t input_read(handle_t right)
{
        char bytes[READ_BYTES];
        size_t length = 0;
        uint64_t lost = 0;
        outcome_t outcome =
            tty_read(right, TIME_NEVER, sizeof bytes, bytes, sizeof bytes, &length, &lost);
        if (lost > 0 || outcome_class(outcome) == OUTCOME_NOT_EXECUTED)
                gap_put();
        if (outcome == OUTCOME_OK)
                input_put(bytes, length);
        return outcome;
}

static void reader(void *unused)
{
        (void)unused;
        handle_t attached = 0;
        for (;;) {
                handle_t right = tty_right();
                if (!right)
                        continue;
                outcome_t outcome = OUTCOME_OK;
                if (attached && right != attached)
                        gap_put(); /* it died unread */
                if (right != attached)
                        outcome = tty_ask_interrupts(right);
                attached = outcome == OUTCOME_OK ? right : 0;
                if (attached) {
                        say_ready();
                        fiber_wake(terminal.writer);
                }
                if (outcome == OUTCOME_OK)
                        outcome = input_read(right);
                service_result(&terminal.service, outcome);
                if (outcome == OUTCOME_OK)
                        continue;
                attached = 0;
                fiber_wait(rt_after(RETRY_AFTER));
        }
}

static void writer(void *unused)
{
        (void)unused;
        for (;;) {
                char bytes[WRITE_BYTES];
                size_t length = least(terminal.output_put - terminal.output_taken, sizeof bytes);
                if (length == 0) {
                        fiber_wait(FIBER_NEVER);
                        continue;
                }
                handle_t right = terminal.service.right;
                if (!right) {
                        fiber_wait(rt_after(RETRY_AFTER));
                        continue;
                }
                ring_copy_out(terminal.output, OUTPUT_BYTES, terminal.output_taken, bytes, length);
                uint64_t count = 0;
                outcome_t outcome = tty_write(right, rt_after(WRITE_WAIT), bytes, length, &count);
                if (outcome == OUTCOME_OK) {
                        terminal.output_taken += least(count, length);
                        fibers_wake_all();
                } else {
                        fiber_wait(rt_after(RETRY_AFTER));
                }
        }
}

bool terminal_start(const char *service, const char *ready)
{
        terminal.ready = ready;
        terminal.service.name = service;
        terminal.front = -1;
        terminal.reader = fiber_start(reader, NULL);
        terminal.writer = fiber_start(writer, NULL);
        return terminal.reader >= 0 && terminal.writer >= 0;
}

static size_t input_take(char *bytes, size_t capacity)
{
        size_t length = least(capacity, terminal.input_put - terminal.input_taken);
        ring_copy_out(terminal.input, INPUT_BYTES, terminal.input_taken, bytes, length);
        terminal.input_taken += length;
        fiber_wake(terminal.reader);
        return length;
}

size_t terminal_read(char *bytes, size_t capacity)
{
        terminal.front = fiber_current();
        while (terminal.input_put == terminal.input_taken && !terminal.gap)
                fiber_wait(FIBER_NEVER);
        if (terminal.input_put == terminal.input_taken) {
                terminal.gap = false;
                terminal.interrupts_taken = 0; /* their bytes are lost, or were read before */
                fiber_wake(terminal.reader);
                return 0;
        }
        return input_take(bytes, capacity);
}

size_t terminal_read_ready(char *bytes, size_t capacity)
{
        size_t length = input_take(bytes, capacity);
        if (length == 0 && terminal.gap) {
                terminal.gap = false;
                terminal.interrupts_taken = 0;
        }
        return length;
}

void terminal_write(const char *bytes, size_t length)
{
        while (length > 0) {
                size_t room = OUTPUT_BYTES - (terminal.output_put - terminal.output_taken);
                size_t part = least(length, room);
                if (part == 0 && calls_cancelled())
                        return;
                if (part == 0) {
                        fiber_wait(FIBER_NEVER);
                        continue;
                }
                ring_copy_in(terminal.output, OUTPUT_BYTES, terminal.output_put, bytes, part);
                terminal.output_put += part;
                bytes += part;
                length -= part;
                fiber_wake(terminal.writer);
        }
}

void terminal_write_lines(const char *bytes, size_t length)
{
        while (length > 0) {
                const char *newline = memchr(bytes, '\n', length);
                size_t line = newline ? (size_t)(newline - bytes) : length;
                terminal_write(bytes, line);
                if (newline)
                        terminal_write("\r\n", 2);
                line += newline ? 1 : 0;
                bytes += line;
                length -= line;
        }
}

void terminal_interrupted(void)
{
        terminal.interrupt = true;
        front_wake();
}

bool terminal_take_interrupt(void)
{
        bool taken = terminal.interrupt;
        terminal.interrupt = false;
        terminal.interrupts_taken += taken;
        return taken;
}

bool terminal_interrupt_read(void)
{
        if (terminal.interrupts_taken > 0) {
                terminal.interrupts_taken--;
                return false;
        }
        terminal.interrupt = false;
        return true;
}
