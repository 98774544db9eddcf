/* Two pipes, and the rights beside them; see pair.h. */
#include "servers/stream/pair.h"

#include <assert.h>
#include <poll.h>
#include <string.h>

#include "servers/rt/pure/ring.h"

static struct pipe *out_of(struct pair *pair, unsigned end)
{
        return &pair->pipes[!end];
}

static bool receives(const struct pair *pair, unsigned end)
{
        return pair->pipes[end].open[PIPE_READ];
}

static bool sends(const struct pair *pair, unsigned end)
{
        return pair->pipes[!end].open[PIPE_WRITE] && !pair->mute[end];
}

static bool has_records(const struct pair *pair)
{
        return pair->type != SOCKET_STREAM;
}

/* Whoever waits to send a record waits for room for the longest. */
void pair_begin(struct pair *pair, enum socket_type type, uint8_t *rings[PAIR_ENDS])
{
        *pair = (struct pair){.type = type, .open = {true, true}};
        for (unsigned end = 0; end < PAIR_ENDS; end++) {
                pipe_begin(&pair->pipes[end], rings[end]);
                if (has_records(pair))
                        pair->pipes[end].least = BORDER_BYTES + RECORD_MOST;
        }
}

/* ---- rights ------------------------------------------------------------------------------------
 */

/* Takes a right out of the list; it is the caller's. */
static struct passed passing_remove(struct passing list[PAIR_RIGHTS], unsigned place)
{
        const struct passed passed = list[place].passed;
        assert(place < PAIR_RIGHTS && list[place].stage);
        memmove(list + place, list + place + 1, (PAIR_RIGHTS - 1 - place) * sizeof *list);
        list[PAIR_RIGHTS - 1] = (struct passing){0};
        return passed;
}

/* The first in that stage, with that mark; PAIR_RIGHTS: there is none. */
static unsigned passing_find(const struct passing list[PAIR_RIGHTS], enum passing_stage stage,
                             uint64_t mark)
{
        unsigned i = 0;
        while (i < PAIR_RIGHTS && (list[i].stage != stage || list[i].mark != mark))
                i++;
        return i;
}

/* Whether it may be that nobody asks for it any more. */
static bool gives_way(const struct pair *pair, const struct passing *passing)
{
        return passing->stage == PASSING_STAGED ||
               (passing->stage == PASSING_TAKEN && pair->marks - passing->mark > PAIR_PATIENCE);
}

bool pair_pass(struct pair *pair, unsigned end, uint64_t mark, const struct passed *passed,
               uint64_t *displaced)
{
        struct passing *list = pair->passings[!end];
        unsigned count = 0, oldest = 0;
        assert(passed->right);
        *displaced = 0;
        while (count < PAIR_RIGHTS && list[count].stage)
                count++;
        while (oldest < count && !gives_way(pair, &list[oldest]))
                oldest++;
        if (count == PAIR_RIGHTS) {
                if (oldest == count)
                        return false;
                *displaced = passing_remove(list, oldest).right;
                count--;
        }
        list[count] = (struct passing){PASSING_STAGED, mark, 0, 0, *passed};
        return true;
}

uint64_t pair_unpass(struct pair *pair, unsigned end, uint64_t mark)
{
        struct passing *list = pair->passings[!end];
        const unsigned place = passing_find(list, PASSING_STAGED, mark);
        return place < PAIR_RIGHTS ? passing_remove(list, place).right : 0;
}

unsigned pair_staged(const struct pair *pair, unsigned end, uint64_t mark)
{
        const struct passing *list = pair->passings[!end];
        unsigned count = 0;
        for (unsigned i = 0; i < PAIR_RIGHTS; i++)
                count += list[i].stage == PASSING_STAGED && list[i].mark == mark;
        return count;
}

static void passings_queue(struct passing list[PAIR_RIGHTS], uint64_t mark, size_t place,
                           size_t end)
{
        for (unsigned i = 0; i < PAIR_RIGHTS; i++)
                if (list[i].stage == PASSING_STAGED && list[i].mark == mark)
                        list[i] = (struct passing){PASSING_QUEUED, 0, place, end, list[i].passed};
}

/* How many bytes can be received that go with the same rights as the first of them. */
static size_t before_rights(const struct pair *pair, unsigned end, size_t count)
{
        const struct passing *list = pair->passings[end];
        const size_t taken = pair->pipes[end].taken;
        if (pair->bounds[end] > taken)
                count = least(count, pair->bounds[end] - taken);
        for (unsigned i = 0; i < PAIR_RIGHTS; i++)
                if (list[i].stage == PASSING_QUEUED)
                        count = least(
                            count, (list[i].place == taken ? list[i].end : list[i].place) - taken);
        return count;
}

bool pair_is_bound(const struct pair *pair, unsigned end)
{
        return pair->pipes[end].taken >= pair->bounds[end];
}

static void passings_take(struct pair *pair, unsigned end, size_t place, struct arrived *arrived)
{
        struct passing *list = pair->passings[end];
        arrived->mark = ++pair->marks;
        for (unsigned i = 0; i < PAIR_RIGHTS; i++)
                if (list[i].stage == PASSING_QUEUED && list[i].place == place) {
                        list[i].stage = PASSING_TAKEN;
                        list[i].mark = arrived->mark;
                        pair->bounds[end] = list[i].end;
                        arrived->rights++;
                }
}

bool pair_claim(struct pair *pair, unsigned end, uint64_t mark, struct passed *passed)
{
        struct passing *list = pair->passings[end];
        const unsigned place = passing_find(list, PASSING_TAKEN, mark);
        if (place == PAIR_RIGHTS)
                return false;
        *passed = passing_remove(list, place);
        return true;
}

/* What was staged for others is of no use when nobody sends it any more. */
uint64_t pair_right_left(struct pair *pair)
{
        for (unsigned end = 0; end < PAIR_ENDS; end++)
                for (unsigned i = 0; i < PAIR_RIGHTS; i++) {
                        const enum passing_stage stage = pair->passings[end][i].stage;
                        const bool left = stage == PASSING_TAKEN
                                              ? !pair->open[end]
                                              : !receives(pair, end) ||
                                                    (stage == PASSING_STAGED && !sends(pair, !end));
                        if (stage && left)
                                return passing_remove(pair->passings[end], i).right;
                }
        return 0;
}

/* ---- bytes -------------------------------------------------------------------------------------
 */

bool pair_is_full(const struct pair *pair, unsigned end, size_t count)
{
        const struct pipe *out = &pair->pipes[!end];
        const size_t whole = has_records(pair) ? BORDER_BYTES + count : count;
        return sends(pair, end) && out->open[PIPE_READ] &&
               pipe_room(out) < (has_records(pair) || count <= PIPE_ATOMIC ? whole : 1);
}

static enum pipe_answer record_write(struct pipe *pipe, uint64_t writer, const uint8_t *from,
                                     size_t count, size_t *done)
{
        const uint32_t length = (uint32_t)count;
        assert(count <= RECORD_MOST);
        if (!pipe->open[PIPE_READ])
                return PIPE_BROKEN;
        if (pipe_room(pipe) < BORDER_BYTES + count)
                return pipe_await_room(pipe, writer);
        ring_copy_in(pipe->ring, PIPE_BYTES, pipe->put, (const uint8_t *)&length, BORDER_BYTES);
        ring_copy_in(pipe->ring, PIPE_BYTES, pipe->put + BORDER_BYTES, from, count);
        *done = BORDER_BYTES + count;
        pipe->put += *done;
        assert(pipe_length(pipe) <= PIPE_BYTES);
        return PIPE_DONE;
}

bool pair_reset(struct pair *pair, unsigned end, bool receiving)
{
        const bool now = pair->reset[end] &&
                         (has_records(pair) || (receiving && pipe_length(&pair->pipes[end]) == 0));
        if (now)
                pair->reset[end] = false;
        return now;
}

enum pipe_answer pair_send(struct pair *pair, unsigned end, uint64_t writer, const uint8_t *from,
                           size_t count, uint64_t mark, size_t *done)
{
        struct pipe *out = out_of(pair, end);
        const size_t place = out->put;
        *done = 0;
        if (!sends(pair, end))
                return PIPE_BROKEN;
        enum pipe_answer answer = has_records(pair) ? record_write(out, writer, from, count, done)
                                                    : pipe_write(out, writer, from, count, done);
        if (*done > 0 && mark)
                passings_queue(pair->passings[!end], mark, place, out->put);
        return answer;
}

bool pair_is_empty(const struct pair *pair, unsigned end)
{
        const struct pipe *in = &pair->pipes[end];
        return in->put == in->taken && in->open[PIPE_WRITE] && in->open[PIPE_READ];
}

/* The length of the record that begins so many bytes behind what was taken. */
static size_t record_length(const struct pipe *pipe, size_t ahead)
{
        uint32_t length;
        assert(pipe_length(pipe) >= ahead + BORDER_BYTES);
        ring_copy_out(pipe->ring, PIPE_BYTES, pipe->taken + ahead, (uint8_t *)&length,
                      BORDER_BYTES);
        assert(length <= pipe_length(pipe) - ahead - BORDER_BYTES);
        return length;
}

/* The record that is there, cut off at `count`. */
static struct arrived record_copy(const struct pipe *pipe, uint8_t *to, size_t count)
{
        const size_t whole = record_length(pipe, 0);
        const struct arrived arrived = {
            .length = least(whole, count), .whole = whole, .taken = BORDER_BYTES + whole};
        ring_copy_out(pipe->ring, PIPE_BYTES, pipe->taken + BORDER_BYTES, to, arrived.length);
        return arrived;
}

enum pipe_answer pair_receive(struct pair *pair, unsigned end, uint64_t reader, uint8_t *to,
                              size_t count, struct arrived *arrived)
{
        struct pipe *in = &pair->pipes[end];
        const size_t place = in->taken;
        *arrived = (struct arrived){0};
        assert(count > 0);
        if (!receives(pair, end))
                return PIPE_DONE;
        if (has_records(pair) && pipe_length(in) > 0) {
                *arrived = record_copy(in, to, count);
                in->taken += arrived->taken;
                passings_take(pair, end, place, arrived);
                return PIPE_DONE;
        }
        enum pipe_answer answer =
            pipe_read(in, reader, to, before_rights(pair, end, count), &arrived->length);
        arrived->whole = arrived->taken = arrived->length;
        if (arrived->length > 0)
                passings_take(pair, end, place, arrived);
        return answer;
}

struct arrived pair_peek(const struct pair *pair, unsigned end, uint8_t *to, size_t count)
{
        const struct pipe *in = &pair->pipes[end];
        if (!receives(pair, end) || pipe_length(in) == 0)
                return (struct arrived){0};
        if (has_records(pair))
                return record_copy(in, to, count);
        const size_t length = least(before_rights(pair, end, count), pipe_length(in));
        ring_copy_out(in->ring, PIPE_BYTES, in->taken, to, length);
        return (struct arrived){.length = length, .whole = length};
}

size_t pair_available(const struct pair *pair, unsigned end)
{
        const struct pipe *in = &pair->pipes[end];
        size_t count = 0;
        if (!has_records(pair))
                return pipe_length(in);
        for (size_t at = 0; at < pipe_length(in); at += BORDER_BYTES + record_length(in, at)) {
                count += record_length(in, at);
                if (pair->type == SOCKET_DATAGRAMS)
                        break;
        }
        return count;
}

void pair_return(struct pair *pair, unsigned end, const struct arrived *arrived)
{
        struct passing *list = pair->passings[end];
        pair->pipes[end].taken -= arrived->taken;
        for (unsigned i = 0; i < PAIR_RIGHTS; i++)
                if (list[i].stage == PASSING_TAKEN && list[i].mark == arrived->mark)
                        list[i].stage = PASSING_QUEUED;
}

/* ---- ends --------------------------------------------------------------------------------------
 */

void pair_shut(struct pair *pair, unsigned end, bool in, bool out)
{
        if (in && receives(pair, end))
                pipe_close(&pair->pipes[end], PIPE_READ);
        if (out && sends(pair, end)) {
                if (pair->type == SOCKET_DATAGRAMS)
                        pair->mute[end] = true;
                else
                        pipe_close(out_of(pair, end), PIPE_WRITE);
                out_of(pair, end)->least = 0; /* who waits for room is told */
        }
}

bool pair_close(struct pair *pair, unsigned end)
{
        assert(pair->open[end]);
        pair->open[end] = false;
        pair->reset[!end] = pair->open[!end] && pair->type != SOCKET_DATAGRAMS &&
                            pipe_length(&pair->pipes[end]) > 0;
        pair_shut(pair, end, true, true);
        return !pair->open[!end];
}

uint64_t pair_reader_due(struct pair *pair, unsigned end, size_t *count)
{
        struct pipe *in = &pair->pipes[end];
        return receives(pair, end) ? pipe_reader_due(in, count) : pipe_reader_drop(in, count);
}

uint64_t pair_writer_due(struct pair *pair, unsigned end, bool *broken)
{
        uint64_t writer = pipe_writer_due(out_of(pair, end), broken);
        *broken |= !sends(pair, end);
        return writer;
}

bool pair_forget(struct pair *pair, unsigned end, uint64_t who)
{
        return pipe_forget(&pair->pipes[end], who) || pipe_forget(out_of(pair, end), who);
}

struct readiness pair_ready(const struct pair *pair, unsigned end)
{
        const struct pipe *in = &pair->pipes[end], *out = &pair->pipes[!end];
        const bool there = receives(pair, end) && in->put != in->taken;
        const bool ended = !in->open[PIPE_WRITE] || !in->open[PIPE_READ];
        const bool broken = !sends(pair, end) || !out->open[PIPE_READ];
        const bool over = pair->type == SOCKET_DATAGRAMS ? pair->mute[end] : broken;
        return (struct readiness){(there || ended ? POLLIN : 0) | (ended ? POLLRDHUP : 0) |
                                      (ended && over ? POLLHUP : 0) |
                                      (pair->reset[end] ? POLLERR : 0) |
                                      (broken || pipe_room(out) >= out->least ? POLLOUT : 0),
                                  in->put + out->taken + ended + broken};
}
