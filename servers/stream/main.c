/* The stream server: interface stream makes pipes, terminals and pairs of sockets, interface tty is
 * what the ends of pipes speak and the programs of a terminal (terminals.h), interface socket what
 * the ends of pairs do (pairs.h).
 *
 * A right's badge says which pipe it is of, which end, and which use of the pipe: a right of an
 * earlier use finds nobody.
 *
 *      use << 16 | index << 1 | end        use counts from 1; badge 1 is interface stream's
 */
#include <stdlib.h>

#include "servers/proto/sockets.h"
#include "servers/proto/stream.h"
#include "servers/proto/tty.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/stream/pairs.h"
#include "servers/stream/pipe.h"
#include "servers/stream/terminals.h"
#include "servers/stream/watch.h"

enum { PIPES = 48, READ_MOST = 4096, WRITE_MOST = 8192, BADGE_STREAM = 1, USE_SHIFT = 16 };

static struct {
        struct server server;
        struct pipe pipes[PIPES];
        struct watches watches[PIPES][2]; /* by enum pipe_end */
        uint64_t uses[PIPES];             /* of the pipe so far */
} streams;

static uint64_t badge_of(unsigned index, enum pipe_end end)
{
        return streams.uses[index] << USE_SHIFT | index << 1 | end;
}

/* The pipe that a right is of; NULL: it is of none. */
static struct pipe *pipe_of(uint64_t badge)
{
        unsigned index = (badge & ((1u << USE_SHIFT) - 1)) >> 1;
        if (index >= PIPES || badge >> USE_SHIFT == 0 || badge >> USE_SHIFT != streams.uses[index])
                return NULL;
        return streams.pipes[index].ring ? &streams.pipes[index] : NULL;
}

static enum pipe_end end_of(uint64_t badge)
{
        return badge & 1;
}

/* ---- those who wait ----------------------------------------------------------------------------
 */

/* Answers all whose time has come. A reader that is gone has taken nothing. */
static void serve_waiting(struct pipe *pipe)
{
        static uint8_t bytes[READ_MOST];
        uint64_t who;
        size_t count, length;
        bool broken;
        while ((who = pipe_reader_due(pipe, &count))) {
                pipe_read(pipe, who, bytes, count, &length);
                if (tty_read_reply(who, bytes, length, 0) != OUTCOME_OK)
                        pipe->taken -= length;
        }
        while ((who = pipe_writer_due(pipe, &broken))) {
                if (broken)
                        rt_reply_outcome(who, answered(REASON_RECEIVER_DIED));
                else
                        tty_write_reply(who, 0); /* its bytes are gone: it sends them again */
        }
}

/* ---- interface tty -----------------------------------------------------------------------------
 */

static outcome_t read_bytes(struct request *request, uint64_t count, const void **data,
                            size_t *data_length, uint64_t *lost)
{
        static uint8_t bytes[READ_MOST]; /* the answer is sent before the next request */
        struct pipe *pipe = pipe_of(request->badge);
        if (!pipe || end_of(request->badge) != PIPE_READ)
                return answered(REASON_REFUSED);
        if (count == 0)
                return answered(REASON_INVALID);
        count = count < READ_MOST ? count : READ_MOST;
        enum pipe_answer answer = pipe_read(pipe, request->reply, bytes, count, data_length);
        *data = bytes;
        *lost = 0;
        return outcome_of(answer);
}

static outcome_t write_bytes(struct request *request, const void *data, size_t data_length,
                             uint64_t *count)
{
        struct pipe *pipe = pipe_of(request->badge);
        size_t done;
        if (!pipe || end_of(request->badge) != PIPE_WRITE)
                return answered(REASON_REFUSED);
        enum pipe_answer answer = pipe_write(pipe, request->reply, data, data_length, &done);
        *count = done;
        serve_waiting(pipe);
        return outcome_of(answer);
}

static struct watches *watches_of(const struct pipe *pipe, enum pipe_end end)
{
        return &streams.watches[pipe - streams.pipes][end];
}

static outcome_t ready(struct request *request, uint64_t wanted, uint64_t seen, uint64_t waits,
                       uint64_t *events, uint64_t *progress)
{
        const struct pipe *pipe = pipe_of(request->badge);
        const enum pipe_end end = end_of(request->badge);
        if (!pipe)
                return answered(REASON_REFUSED);
        const struct watch watch = {request->reply, (unsigned)wanted, seen};
        return watch_begin(watches_of(pipe, end), pipe_ready(pipe, end), &watch, waits, events,
                           progress);
}

static outcome_t available(struct request *request, uint64_t *count)
{
        const struct pipe *pipe = pipe_of(request->badge);
        if (!pipe)
                return answered(REASON_REFUSED);
        *count = pipe_length(pipe);
        return OUTCOME_OK;
}

/* Room for writers comes of reading. */
static void on_idle(struct server *server)
{
        (void)server;
        for (unsigned i = 0; i < PIPES; i++) {
                const struct pipe *pipe = &streams.pipes[i];
                if (!pipe->ring)
                        continue;
                serve_waiting(&streams.pipes[i]);
                for (enum pipe_end end = 0; end < 2; end++)
                        watches_serve(watches_of(pipe, end), pipe_ready(pipe, end));
        }
        terminals_serve_waiting();
        pairs_serve_waiting();
}

/* What a right is of, its badge says. */
static outcome_t ends_dispatch(const void *handlers, void *context, struct request *request)
{
        const struct tty_server *of = request->badge & BADGE_TERMINAL ? &terminals_tty
                                      : request->badge & BADGE_PAIR   ? &pairs_tty
                                                                      : handlers;
        return tty_dispatch(of, context, request);
}

/* ---- interface stream --------------------------------------------------------------------------
 */

static void end_close(uint64_t badge)
{
        struct pipe *pipe = pipe_of(badge);
        if (!pipe || !pipe->open[end_of(badge)])
                return;
        bool free = pipe_close(pipe, end_of(badge));
        serve_waiting(pipe);
        if (!free)
                return;
        for (enum pipe_end end = 0; end < 2; end++)
                watches_end(watches_of(pipe, end));
        rt_memory_free(pipe->ring, PIPE_BYTES);
        pipe->ring = NULL;
}

static unsigned pipe_free(void)
{
        unsigned index = 0;
        while (index < PIPES && streams.pipes[index].ring)
                index++;
        return index;
}

static outcome_t make(struct request *request, struct send_cap *read, struct send_cap *write)
{
        unsigned index = pipe_free();
        void *ring;
        handle_t ends[2] = {0};
        if (request->badge != BADGE_STREAM)
                return answered(REASON_REFUSED);
        if (index == PIPES)
                return answered(REASON_OVERLOADED);
        outcome_t outcome = rt_memory_allocate(PIPE_BYTES, &ring);
        if (outcome != OUTCOME_OK)
                return outcome;
        streams.uses[index]++;
        pipe_begin(&streams.pipes[index], ring);
        for (enum pipe_end end = 0; end < 2 && outcome == OUTCOME_OK; end++)
                outcome = rt_server_right(&streams.server, badge_of(index, end), &ends[end]);
        if (outcome != OUTCOME_OK) {
                if (ends[0])
                        sys_handle_close(ends[0]);
                end_close(badge_of(index, PIPE_READ));
                end_close(badge_of(index, PIPE_WRITE));
                return outcome;
        }
        *read = cap_move(ends[PIPE_READ]);
        *write = cap_move(ends[PIPE_WRITE]);
        return OUTCOME_OK;
}

static outcome_t make_terminal(struct request *request, uint64_t rows, uint64_t columns,
                               struct send_cap *keyboard, struct send_cap *programs)
{
        if (request->badge != BADGE_STREAM)
                return answered(REASON_REFUSED);
        return terminals_make(request, rows, columns, keyboard, programs);
}

static outcome_t make_pair(struct request *request, struct optional_word type, struct send_cap *one,
                           struct send_cap *other)
{
        if (request->badge != BADGE_STREAM)
                return answered(REASON_REFUSED);
        return pairs_make(request, type.given ? type.word : SOCKET_STREAM, one, other);
}

/* ---- notices -----------------------------------------------------------------------------------
 */

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        (void)server;
        (void)issues;
        if (badge & BADGE_TERMINAL)
                terminals_close(badge);
        else if (badge & BADGE_PAIR)
                pairs_close(badge);
        else
                end_close(badge);
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        struct pipe *pipe = badge & (BADGE_TERMINAL | BADGE_PAIR) ? NULL : pipe_of(badge);
        if (badge & BADGE_TERMINAL)
                terminals_cancel(badge, reply);
        else if (badge & BADGE_PAIR)
                pairs_cancel(badge, reply);
        else if (pipe &&
                 (pipe_forget(pipe, reply) || watch_forget(watches_of(pipe, end_of(badge)), reply)))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
}

static outcome_t streams_start(void)
{
        static const struct stream_server makes = {
            .pipe = make, .terminal = make_terminal, .pair = make_pair};
        static const struct tty_server ends = {
            .read = read_bytes, .write = write_bytes, .ready = ready, .available = available};
        handle_t right;
        outcome_t outcome = rt_server_init(&streams.server);
        streams.server.receive_bytes = WRITE_MOST;
        streams.server.on_no_senders = on_no_senders;
        streams.server.on_cancel = on_cancel;
        streams.server.on_idle = on_idle;
        if (outcome == OUTCOME_OK)
                outcome =
                    rt_server_add(&streams.server, STREAM_INTERFACE, stream_dispatch, &makes, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&streams.server, TTY_INTERFACE, ends_dispatch, &ends, NULL);
        if (outcome == OUTCOME_OK)
                outcome = terminals_add(&streams.server);
        if (outcome == OUTCOME_OK)
                outcome = pairs_add(&streams.server);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&streams.server, BADGE_STREAM, &right);
        return outcome == OUTCOME_OK ? rt_register("stream", right) : outcome;
}

int main(void)
{
        outcome_t outcome = streams_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&streams.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
