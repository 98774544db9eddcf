/* The table of terminals, and their interfaces; see terminals.h. */
#include "servers/stream/terminals.h"

#include <assert.h>
#include <string.h>
#include "servers/proto/keyboard.h"
#include "servers/rt/task/memory.h"
#include "servers/stream/terminal.h"

enum { TERMINALS = 4, READ_MOST = 4096, USE_SHIFT = 16 };

enum side { SIDE_KEYBOARD, SIDE_PROGRAMS, SIDES };

static struct {
        struct terminal terminals[TERMINALS];
        uint64_t uses[TERMINALS]; /* of the terminal so far */
        uint8_t bytes[READ_MOST]; /* of an answer, which is sent before the next request */
} table;

static uint64_t badge_of(unsigned index, enum side side)
{
        return BADGE_TERMINAL | table.uses[index] << USE_SHIFT | index << 1 | side;
}

/* The terminal whose side a right is of; NULL: it is of none. */
static struct terminal *terminal_of(uint64_t badge, enum side side)
{
        for (unsigned i = 0; i < TERMINALS; i++)
                if (table.uses[i] > 0 && badge == badge_of(i, side))
                        return table.terminals[i].input.ring ? &table.terminals[i] : NULL;
        return NULL;
}

/* ---- those who wait ----------------------------------------------------------------------------
 */

static void readers_serve(struct terminal *terminal)
{
        uint64_t who, older;
        size_t count, length;
        while ((who = terminal_reader_due(terminal, &count))) {
                terminal_read(terminal, who, table.bytes, count, &length, &older);
                if (tty_read_reply(who, table.bytes, length, 0) != OUTCOME_OK)
                        terminal->input.taken -= length;
        }
        while ((who = pipe_reader_due(&terminal->output, &count))) {
                pipe_read(&terminal->output, who, table.bytes, count, &length);
                if (keyboard_shown_reply(who, table.bytes, length, terminal_is_raw(terminal)) !=
                    OUTCOME_OK)
                        terminal->output.taken -= length;
        }
}

static void writers_serve(struct terminal *terminal)
{
        uint64_t who;
        bool broken;
        while ((who = pipe_writer_due(&terminal->output, &broken))) {
                if (broken)
                        rt_reply_outcome(who, answered(REASON_RECEIVER_DIED));
                else
                        tty_write_reply(who, 0); /* its bytes are gone: it sends them again */
        }
}

void terminals_serve_waiting(void)
{
        for (unsigned i = 0; i < TERMINALS; i++) {
                if (!table.terminals[i].input.ring)
                        continue;
                readers_serve(&table.terminals[i]);
                writers_serve(&table.terminals[i]);
                watches_serve(&table.terminals[i].watches, terminal_ready(&table.terminals[i]));
        }
}

outcome_t outcome_of(enum pipe_answer answer)
{
        switch (answer) {
        case PIPE_LATER:
                return RT_DEFERRED;
        case PIPE_BROKEN:
                return answered(REASON_RECEIVER_DIED);
        case PIPE_TOO_MANY:
                return answered(REASON_OVERLOADED);
        default:
                return OUTCOME_OK;
        }
}

outcome_t watch_begin(struct watches *watches, struct readiness now, const struct watch *watch,
                      uint64_t waits, uint64_t *events, uint64_t *progress)
{
        *events = now.events;
        *progress = now.progress;
        if (!waits || ready_news(now, watch->wanted, watch->seen))
                return OUTCOME_OK;
        return watch_add(watches, watch) ? RT_DEFERRED : answered(REASON_OVERLOADED);
}

void watches_end(struct watches *watches)
{
        uint64_t who;
        while ((who = watch_any(watches)))
                rt_reply_outcome(who, answered(REASON_CANCELLED));
}

void watches_serve(struct watches *watches, struct readiness now)
{
        uint64_t who;
        while ((who = watch_due(watches, now)))
                tty_ready_reply(who, now.events, now.progress);
}

/* ---- interface tty: programs -------------------------------------------------------------------
 */

static outcome_t read_some(struct terminal *terminal, struct request *request, uint64_t count,
                           uint64_t group, const void **data, size_t *data_length, uint64_t *lost)
{
        uint64_t older = 0;
        if (count == 0)
                return answered(REASON_INVALID);
        if (terminal->hung_up)
                return answered(REASON_IO);
        count = count < READ_MOST ? count : READ_MOST;
        enum pipe_answer answer =
            terminal_read(terminal, request->reply, table.bytes, count, data_length, &older);
        if (older)
                rt_reply_outcome(older, answered(REASON_BUSY));
        terminal->reader_group = group;
        *data = table.bytes;
        *lost = 0;
        return outcome_of(answer);
}

static outcome_t read_bytes(struct request *request, uint64_t count, const void **data,
                            size_t *data_length, uint64_t *lost)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        return terminal ? read_some(terminal, request, count, 0, data, data_length, lost)
                        : answered(REASON_REFUSED);
}

static outcome_t read_as(struct request *request, uint64_t count, uint64_t group, const void **data,
                         size_t *data_length, uint64_t *lost)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (!terminal)
                return answered(REASON_REFUSED);
        if (!terminal_may_read(terminal, group))
                return answered(REASON_STALE);
        return read_some(terminal, request, count, group, data, data_length, lost);
}

static outcome_t ready(struct request *request, uint64_t wanted, uint64_t seen, uint64_t waits,
                       uint64_t *events, uint64_t *progress)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        const struct watch watch = {request->reply, (unsigned)wanted, seen};
        if (!terminal)
                return answered(REASON_REFUSED);
        return watch_begin(&terminal->watches, terminal_ready(terminal), &watch, waits, events,
                           progress);
}

static outcome_t foreground(struct request *request, uint64_t *group)
{
        const struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (!terminal)
                return answered(REASON_REFUSED);
        *group = terminal->foreground;
        return OUTCOME_OK;
}

static outcome_t set_foreground(struct request *request, uint64_t group)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (!terminal)
                return answered(REASON_REFUSED);
        uint64_t reader = terminal_set_foreground(terminal, group);
        if (reader)
                rt_reply_outcome(reader, answered(REASON_STALE));
        return OUTCOME_OK;
}

static outcome_t write_bytes(struct request *request, const void *data, size_t data_length,
                             uint64_t *count)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        size_t done;
        if (!terminal)
                return answered(REASON_REFUSED);
        enum pipe_answer answer =
            terminal_write(terminal, request->reply, data, data_length, &done);
        *count = done;
        return outcome_of(answer);
}

static outcome_t write_as(struct request *request, const void *data, size_t data_length,
                          uint64_t group, uint64_t *count)
{
        const struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (terminal && !terminal_may_write(terminal, group))
                return answered(REASON_STALE);
        return write_bytes(request, data, data_length, count);
}

static outcome_t attributes(struct request *request, const void **mode, size_t *mode_length)
{
        const struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (!terminal)
                return answered(REASON_REFUSED);
        *mode = &terminal->mode;
        *mode_length = sizeof terminal->mode;
        return OUTCOME_OK;
}

/* The screen is fed as it is read: what a program has written before it sets a mode is there. */
static outcome_t set_attributes(struct request *request, const void *bytes, size_t length,
                                uint64_t when)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        struct terminal_mode mode;
        if (!terminal)
                return answered(REASON_REFUSED);
        if (length != sizeof mode || when > TERMINAL_FLUSH)
                return answered(REASON_INVALID);
        memcpy(&mode, bytes, sizeof mode);
        return terminal_set_mode(terminal, &mode, when == TERMINAL_FLUSH)
                   ? OUTCOME_OK
                   : answered(REASON_INVALID);
}

static outcome_t size(struct request *request, uint64_t *rows, uint64_t *columns)
{
        const struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (!terminal)
                return answered(REASON_REFUSED);
        *rows = terminal->rows;
        *columns = terminal->columns;
        return OUTCOME_OK;
}

static outcome_t available(struct request *request, uint64_t *count)
{
        const struct terminal *terminal = terminal_of(request->badge, SIDE_PROGRAMS);
        if (!terminal)
                return answered(REASON_REFUSED);
        *count = pipe_length(&terminal->input);
        return OUTCOME_OK;
}

const struct tty_server terminals_tty = {
    .read = read_bytes,
    .write = write_bytes,
    .attributes = attributes,
    .set_attributes = set_attributes,
    .size = size,
    .read_as = read_as,
    .ready = ready,
    .available = available,
    .write_as = write_as,
    .foreground = foreground,
    .set_foreground = set_foreground,
};

/* ---- interface keyboard: keys and screen ---------------------------------------------------
 */

static outcome_t type(struct request *request, const void *data, size_t data_length,
                      uint64_t *signals, uint64_t *group, const void **echo, size_t *echo_length)
{
        static struct terminal_echo echoed; /* sent before the next request */
        struct terminal *terminal = terminal_of(request->badge, SIDE_KEYBOARD);
        if (!terminal)
                return answered(REASON_REFUSED);
        *signals = terminal_type(terminal, data, data_length, &echoed);
        *group = terminal->foreground;
        *echo = echoed.bytes;
        *echo_length = echoed.length;
        return OUTCOME_OK;
}

static outcome_t shown(struct request *request, uint64_t count, const void **data,
                       size_t *data_length, uint64_t *raw)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_KEYBOARD);
        if (!terminal)
                return answered(REASON_REFUSED);
        if (count == 0)
                return answered(REASON_INVALID);
        count = count < READ_MOST ? count : READ_MOST;
        enum pipe_answer answer =
            pipe_read(&terminal->output, request->reply, table.bytes, count, data_length);
        *data = table.bytes;
        *raw = terminal_is_raw(terminal);
        return outcome_of(answer);
}

static bool size_take(struct terminal *terminal, uint64_t rows, uint64_t columns)
{
        if (rows > UINT16_MAX || columns > UINT16_MAX)
                return false;
        terminal->rows = (uint16_t)rows;
        terminal->columns = (uint16_t)columns;
        return true;
}

static outcome_t resize(struct request *request, uint64_t rows, uint64_t columns, uint64_t *group)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_KEYBOARD);
        if (!terminal)
                return answered(REASON_REFUSED);
        *group = terminal->foreground;
        return size_take(terminal, rows, columns) ? OUTCOME_OK : answered(REASON_INVALID);
}

static outcome_t take_back(struct request *request, const void **data, size_t *data_length)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_KEYBOARD);
        if (!terminal)
                return answered(REASON_REFUSED);
        *data_length = terminal_take_back(terminal, table.bytes, READ_MOST);
        *data = table.bytes;
        return OUTCOME_OK;
}

/* Those of them who wait read no longer. */
static outcome_t hang_up(struct request *request, uint64_t *group)
{
        struct terminal *terminal = terminal_of(request->badge, SIDE_KEYBOARD);
        uint64_t reader;
        size_t wanted;
        if (!terminal)
                return answered(REASON_REFUSED);
        *group = terminal->foreground;
        terminal->hung_up = true;
        while ((reader = pipe_reader_drop(&terminal->input, &wanted)))
                rt_reply_outcome(reader, answered(REASON_IO));
        return OUTCOME_OK;
}

outcome_t terminals_add(struct server *server)
{
        static const struct keyboard_server handlers = {.type = type,
                                                        .shown = shown,
                                                        .resize = resize,
                                                        .take_back = take_back,
                                                        .hang_up = hang_up};
        return rt_server_add(server, KEYBOARD_INTERFACE, keyboard_dispatch, &handlers, NULL);
}

/* ---- beginning and end -------------------------------------------------------------------------
 */

/* The keyboard writes to the input and reads the output; programs the other way round. */
static void side_close(struct terminal *terminal, enum side side)
{
        enum pipe_end input = side == SIDE_KEYBOARD ? PIPE_WRITE : PIPE_READ;
        if (!terminal->input.open[input])
                return;
        bool free = pipe_close(&terminal->input, input);
        pipe_close(&terminal->output, input == PIPE_WRITE ? PIPE_READ : PIPE_WRITE);
        readers_serve(terminal);
        writers_serve(terminal);
        if (!free)
                return;
        watches_end(&terminal->watches);
        rt_memory_free(terminal->input.ring, PIPE_BYTES);
        rt_memory_free(terminal->output.ring, PIPE_BYTES);
        *terminal = (struct terminal){0};
}

void terminals_close(uint64_t badge)
{
        for (enum side side = 0; side < SIDES; side++) {
                struct terminal *terminal = terminal_of(badge, side);
                if (terminal)
                        side_close(terminal, side);
        }
}

void terminals_cancel(uint64_t badge, handle_t reply)
{
        struct terminal *keyboard = terminal_of(badge, SIDE_KEYBOARD);
        struct terminal *terminal = keyboard ? keyboard : terminal_of(badge, SIDE_PROGRAMS);
        if (terminal &&
            (pipe_forget(&terminal->input, reply) || pipe_forget(&terminal->output, reply) ||
             watch_forget(&terminal->watches, reply)))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
}

outcome_t rings_allocate(void *rings[2])
{
        outcome_t outcome = rt_memory_allocate(PIPE_BYTES, &rings[0]);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = rt_memory_allocate(PIPE_BYTES, &rings[1]);
        if (outcome != OUTCOME_OK)
                rt_memory_free(rings[0], PIPE_BYTES);
        return outcome;
}

outcome_t terminals_make(struct request *request, uint64_t rows, uint64_t columns,
                         struct send_cap *keyboard, struct send_cap *programs)
{
        unsigned index = 0;
        void *rings[2];
        handle_t rights[SIDES] = {0};
        while (index < TERMINALS && table.terminals[index].input.ring)
                index++;
        if (index == TERMINALS)
                return answered(REASON_OVERLOADED);
        struct terminal *terminal = &table.terminals[index];
        outcome_t outcome = rings_allocate(rings);
        if (outcome != OUTCOME_OK)
                return outcome;
        table.uses[index]++;
        terminal_begin(terminal, rings[0], rings[1], 0, 0);
        if (!size_take(terminal, rows, columns))
                outcome = answered(REASON_INVALID);
        for (enum side side = 0; side < SIDES && outcome == OUTCOME_OK; side++)
                outcome = rt_server_right(request->server, badge_of(index, side), &rights[side]);
        if (outcome != OUTCOME_OK) {
                if (rights[SIDE_KEYBOARD])
                        sys_handle_close(rights[SIDE_KEYBOARD]);
                side_close(terminal, SIDE_KEYBOARD);
                side_close(terminal, SIDE_PROGRAMS);
                return outcome;
        }
        *keyboard = cap_move(rights[SIDE_KEYBOARD]);
        *programs = cap_move(rights[SIDE_PROGRAMS]);
        return OUTCOME_OK;
}
