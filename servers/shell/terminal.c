/* Moves bytes between the tty server and the rest of the shell; see terminal.h. */
#include "servers/shell/terminal.h"

#include <assert.h>
#include <string.h>

#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/tty.h"
#include "servers/rt/pure/ring.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

enum {
        INPUT_BYTES = 32768, /* a power of two; what programs leave has room, too */
        INPUT_MOST = 4096,   /* more is not asked for */
        OUTPUT_BYTES = 2 * TERMINAL_RESERVE,
        READ_BYTES = 512,
        WRITE_BYTES = 4096,
};

#define RETRY_AFTER (200 * RT_MILLISECOND)
#define LOOK_WAIT   (60 * RT_SECOND)
/* A line that takes nothing for so long has lost its reader. */
#define WRITE_WAIT (60 * RT_SECOND)

enum stage { LOST, LOOKING, ATTACHING, ATTACHED, NONE };

/* A call object, and when it may be used again after a failure. */
struct link {
        handle_t call;
        bool under_way;
        uint64_t again_at;
};

/* Bytes in a ring: those at [taken, put), modulo its size. */
static struct {
        const char *name, *ready;
        bool optional;
        handle_t event;
        uint64_t bit;
        enum stage stage;
        handle_t right; /* LOOKING and LOST: the last one, or 0 */
        struct link reading, writing;
        char read[READ_BYTES], written[WRITE_BYTES]; /* the calls' own while they are under way */
        char input[INPUT_BYTES];
        size_t input_taken, input_put;
        bool gap; /* behind the input bytes were lost */
        char output[OUTPUT_BYTES];
        size_t output_taken, output_put;
        bool interrupt;            /* Ctrl-C came, and nobody has taken it */
        unsigned interrupts_taken; /* … of those taken, the bytes still to be read */
} terminal;

/* ---- the tty server ----------------------------------------------------------------------------
 */

static void pause_link(struct link *link)
{
        link->again_at = rt_after(RETRY_AFTER);
}

static void lost(void)
{
        terminal.stage = LOST;
        pause_link(&terminal.reading);
}

static void ready(void)
{
        if (terminal.ready)
                rt_log("%s", terminal.ready);
        terminal.ready = NULL;
}

static void found(outcome_t outcome, handle_t right)
{
        if (terminal.optional && outcome == answered(REASON_NOT_FOUND)) {
                terminal.stage = NONE;
                ready();
                return;
        }
        if (outcome != OUTCOME_OK) {
                lost();
                return;
        }
        if (terminal.right)
                sys_handle_close(terminal.right);
        terminal.right = right;
        terminal.stage = ATTACHING;
}

static void attached(outcome_t outcome)
{
        if (outcome != OUTCOME_OK) {
                lost();
                return;
        }
        terminal.stage = ATTACHED;
        terminal.writing.again_at = 0;
        ready();
}

/* A server that dies during a read had nothing left to tell. One that dies between two reads takes
 * unread bytes along. */
static void input_arrived(outcome_t outcome, size_t length, uint64_t bytes_lost)
{
        if (outcome_class(outcome) == OUTCOME_NOT_EXECUTED || bytes_lost > 0)
                terminal.gap = true;
        if (outcome != OUTCOME_OK) {
                lost();
                return;
        }
        assert(length <= INPUT_BYTES - (terminal.input_put - terminal.input_taken));
        ring_copy_in(terminal.input, INPUT_BYTES, terminal.input_put, terminal.read, length);
        terminal.input_put += length;
}

static void reading_completed(void)
{
        handle_t right = 0, call = terminal.reading.call;
        size_t length = 0;
        uint64_t bytes_lost = 0;
        outcome_t outcome;
        terminal.reading.under_way = false;
        switch (terminal.stage) {
        case LOOKING:
                outcome = name_lookup_finish(call, &right);
                found(outcome, right);
                break;
        case ATTACHING:
                attached(tty_attach_finish(call));
                break;
        default:
                outcome = tty_read_finish(call, terminal.read, READ_BYTES, &length, &bytes_lost);
                input_arrived(outcome, length, bytes_lost);
        }
}

static void writing_completed(void)
{
        uint64_t count = 0;
        terminal.writing.under_way = false;
        if (tty_write_finish(terminal.writing.call, &count) == OUTCOME_OK)
                terminal.output_taken += least(count, terminal.output_put - terminal.output_taken);
        else
                pause_link(&terminal.writing);
}

void terminal_completed(uint64_t key)
{
        if (key == TERMINAL_KEY_READ && terminal.reading.under_way)
                reading_completed();
        else if (key == TERMINAL_KEY_WRITE && terminal.writing.under_way)
                writing_completed();
}

/* Starts what comes next: OK, or why not. BUSY: there is nothing to do. */
static outcome_t reading_start(void)
{
        struct send_cap event = {.handle = terminal.event, .rights = RIGHT_SIGNAL | RIGHT_COPY};
        handle_t call = terminal.reading.call;
        switch (terminal.stage) {
        case LOST:
                terminal.stage = LOOKING;
                return name_lookup_start(rt_names(), call, rt_after(LOOK_WAIT), terminal.name,
                                         strlen(terminal.name),
                                         terminal.optional ? NAME_WAIT_SOON : NAME_WAIT_ALWAYS);
        case NONE:
                return not_executed(REASON_BUSY);
        case ATTACHING:
                return tty_attach_start(terminal.right, call, RT_DEADLINE, event, terminal.bit);
        default:
                if (terminal.gap ||
                    terminal.input_put - terminal.input_taken > INPUT_MOST - READ_BYTES)
                        return not_executed(REASON_BUSY);
                return tty_read_start(terminal.right, call, TIME_NEVER, READ_BYTES, terminal.read,
                                      READ_BYTES);
        }
}

static outcome_t writing_start(void)
{
        size_t length = least(terminal.output_put - terminal.output_taken, WRITE_BYTES);
        if (length == 0 || terminal.stage != ATTACHED)
                return not_executed(REASON_BUSY);
        ring_copy_out(terminal.output, OUTPUT_BYTES, terminal.output_taken, terminal.written,
                      length);
        return tty_write_start(terminal.right, terminal.writing.call, rt_after(WRITE_WAIT),
                               terminal.written, length);
}

static uint64_t link_work(struct link *link, outcome_t (*start)(void), uint64_t now)
{
        if (link->under_way)
                return TIME_NEVER;
        if (now < link->again_at)
                return link->again_at;
        outcome_t outcome = start();
        link->under_way = outcome == OUTCOME_OK;
        if (link->under_way || outcome == not_executed(REASON_BUSY))
                return TIME_NEVER;
        if (link == &terminal.reading) {
                terminal.gap = terminal.gap || terminal.stage == ATTACHED;
                lost();
        }
        pause_link(link);
        return link->again_at;
}

uint64_t terminal_work(uint64_t now)
{
        uint64_t reading = link_work(&terminal.reading, reading_start, now);
        return rt_earlier(reading, link_work(&terminal.writing, writing_start, now));
}

outcome_t terminal_begin(struct server *server, const char *service, const char *ready,
                         uint64_t bit, bool optional)
{
        terminal.optional = optional;
        terminal.name = service;
        terminal.ready = ready;
        terminal.bit = bit;
        outcome_t outcome = rt_server_event(server, &terminal.event);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_call(server, TERMINAL_KEY_READ, &terminal.reading.call);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_call(server, TERMINAL_KEY_WRITE, &terminal.writing.call);
        return outcome;
}

/* ---- the shell ---------------------------------------------------------------------------------
 */

size_t terminal_read(char *bytes, size_t capacity)
{
        size_t length = least(capacity, terminal.input_put - terminal.input_taken);
        ring_copy_out(terminal.input, INPUT_BYTES, terminal.input_taken, bytes, length);
        terminal.input_taken += length;
        return length;
}

bool terminal_unread(const char *bytes, size_t length)
{
        const size_t there = terminal.input_put - terminal.input_taken;
        if (length > INPUT_BYTES - READ_BYTES - there)
                return false;
        terminal.input_taken -= length;
        ring_copy_in(terminal.input, INPUT_BYTES, terminal.input_taken, bytes, length);
        return true;
}

bool terminal_take_gap(void)
{
        if (!terminal.gap || terminal.input_put != terminal.input_taken)
                return false;
        terminal.gap = false;
        terminal.interrupts_taken = 0; /* their bytes are lost, or were read before */
        return true;
}

static size_t room(void)
{
        return OUTPUT_BYTES - (terminal.output_put - terminal.output_taken);
}

bool terminal_has_room(void)
{
        return room() >= TERMINAL_RESERVE;
}

void terminal_write(const char *bytes, size_t length)
{
        length = least(length, room());
        ring_copy_in(terminal.output, OUTPUT_BYTES, terminal.output_put, bytes, length);
        terminal.output_put += length;
        assert(terminal.output_put - terminal.output_taken <= OUTPUT_BYTES);
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
}

bool terminal_interrupt_waits(void)
{
        return terminal.interrupt;
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
