/* The ring and those who wait at it; see pipe.h. */
#include "servers/stream/pipe.h"

#include <assert.h>

#include "servers/rt/pure/ring.h"

size_t pipe_length(const struct pipe *pipe)
{
        return pipe->put - pipe->taken;
}

size_t pipe_room(const struct pipe *pipe)
{
        return PIPE_BYTES - pipe_length(pipe);
}

uint8_t pipe_peek(const struct pipe *pipe, size_t ahead)
{
        assert(ahead < pipe_length(pipe));
        return pipe->ring[(pipe->taken + ahead) % PIPE_BYTES];
}

static void reader_remove(struct pipe *pipe, unsigned place)
{
        assert(place < pipe->waiting);
        pipe->waiting--;
        for (; place < pipe->waiting; place++)
                pipe->readers[place] = pipe->readers[place + 1];
}

uint64_t pipe_reader_drop(struct pipe *pipe, size_t *count)
{
        if (!pipe->waiting)
                return 0;
        const struct pipe_reader first = pipe->readers[0];
        reader_remove(pipe, 0);
        *count = first.count;
        return first.who;
}

void pipe_begin(struct pipe *pipe, uint8_t *ring)
{
        assert(!pipe->ring);
        *pipe = (struct pipe){.ring = ring, .open = {true, true}, .least = PIPE_ATOMIC};
}

enum pipe_answer pipe_read(struct pipe *pipe, uint64_t reader, uint8_t *to, size_t count,
                           size_t *length)
{
        assert(pipe->ring && pipe->open[PIPE_READ]);
        *length = least(pipe_length(pipe), count);
        if (*length == 0 && count > 0 && pipe->open[PIPE_WRITE]) {
                if (pipe->waiting == PIPE_READERS)
                        return PIPE_TOO_MANY;
                pipe->readers[pipe->waiting++] = (struct pipe_reader){reader, count};
                return PIPE_LATER;
        }
        ring_copy_out(pipe->ring, PIPE_BYTES, pipe->taken, to, *length);
        pipe->taken += *length;
        return PIPE_DONE;
}

void pipe_add(struct pipe *pipe, const uint8_t *from, size_t count)
{
        assert(count <= pipe_room(pipe));
        ring_copy_in(pipe->ring, PIPE_BYTES, pipe->put, from, count);
        pipe->put += count;
}

size_t pipe_take_back(struct pipe *pipe, uint8_t *to, size_t count)
{
        count = least(count, pipe_length(pipe));
        pipe->put -= count;
        ring_copy_out(pipe->ring, PIPE_BYTES, pipe->put, to, count);
        return count;
}

enum pipe_answer pipe_write(struct pipe *pipe, uint64_t writer, const uint8_t *from, size_t count,
                            size_t *done)
{
        assert(pipe->ring && pipe->open[PIPE_WRITE]);
        *done = 0;
        if (!pipe->open[PIPE_READ])
                return PIPE_BROKEN;
        if (count > pipe_room(pipe) && count <= PIPE_ATOMIC)
                return pipe_await_room(pipe, writer);
        *done = least(count, pipe_room(pipe));
        pipe_add(pipe, from, *done);
        return *done > 0 || count == 0 ? PIPE_DONE : pipe_await_room(pipe, writer);
}

enum pipe_answer pipe_await_room(struct pipe *pipe, uint64_t writer)
{
        for (unsigned i = 0; i < PIPE_WRITERS; i++) {
                if (pipe->writers[i])
                        continue;
                pipe->writers[i] = writer;
                return PIPE_LATER;
        }
        return PIPE_TOO_MANY;
}

uint64_t pipe_reader_due(struct pipe *pipe, size_t *count)
{
        return pipe_length(pipe) == 0 && pipe->open[PIPE_WRITE] ? 0 : pipe_reader_drop(pipe, count);
}

uint64_t pipe_writer_due(struct pipe *pipe, bool *broken)
{
        *broken = !pipe->open[PIPE_READ];
        if (pipe_room(pipe) < pipe->least && !*broken)
                return 0;
        for (unsigned i = 0; i < PIPE_WRITERS; i++) {
                uint64_t writer = pipe->writers[i];
                pipe->writers[i] = 0;
                if (writer)
                        return writer;
        }
        return 0;
}

bool pipe_close(struct pipe *pipe, enum pipe_end end)
{
        assert(pipe->ring && pipe->open[end]);
        pipe->open[end] = false;
        return !pipe->open[PIPE_READ] && !pipe->open[PIPE_WRITE];
}

bool pipe_forget(struct pipe *pipe, uint64_t who)
{
        for (unsigned i = 0; i < pipe->waiting; i++)
                if (pipe->readers[i].who == who) {
                        reader_remove(pipe, i);
                        return true;
                }
        for (unsigned i = 0; i < PIPE_WRITERS; i++)
                if (pipe->writers[i] == who) {
                        pipe->writers[i] = 0;
                        return true;
                }
        return false;
}
