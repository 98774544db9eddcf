/* The table of pairs, and interface socket; see pairs.h. A right that goes through a pair is a
 * handle of this server's until it is claimed. An end of a pair is refused: two that hold each
 * other would have somebody for ever. */
#include "servers/stream/pairs.h"

#include <assert.h>

#include "servers/common/least.h"
#include "servers/proto/socket.h"
#include "servers/proto/sockets.h"
#include "servers/rt/task/memory.h"
#include "servers/stream/pair.h"
#include "servers/stream/terminals.h"

enum { PAIRS = 16, USE_SHIFT = 16 };
enum { HOW_SENDS = SOCKET_NOW | SOCKET_MORE, HOW_RECEIVES = HOW_SENDS | SOCKET_PEEK | SOCKET_REST };

static struct {
        struct pair pairs[PAIRS];
        struct watches watches[PAIRS][PAIR_ENDS];
        uint64_t uses[PAIRS];       /* of the pair so far */
        uint8_t bytes[RECORD_MOST]; /* of an answer, which is sent before the next request */
} table;

static uint64_t badge_of(unsigned index, unsigned end)
{
        return BADGE_PAIR | table.uses[index] << USE_SHIFT | index << 1 | end;
}

static unsigned end_of(uint64_t badge)
{
        return badge & 1;
}

static bool is_used(const struct pair *pair)
{
        return pair->pipes[0].ring;
}

/* The pair that a right is of; NULL: it is of none. */
static struct pair *pair_of(uint64_t badge)
{
        for (unsigned i = 0; i < PAIRS; i++)
                if (table.uses[i] > 0 && badge == badge_of(i, end_of(badge)))
                        return is_used(&table.pairs[i]) ? &table.pairs[i] : NULL;
        return NULL;
}

static struct watches *watches_of(const struct pair *pair, unsigned end)
{
        return &table.watches[pair - table.pairs][end];
}

/* ---- those who wait ----------------------------------------------------------------------------
 */

/* What who would send is told, since nobody can receive it. */
static outcome_t send_fails(struct pair *pair, unsigned end)
{
        const bool gone = pair->type == SOCKET_DATAGRAMS && !pair->open[!end];
        return answered(pair_reset(pair, end, false) ? REASON_IO
                        : gone                       ? REASON_NOT_FOUND
                                                     : REASON_RECEIVER_DIED);
}

static void end_serve(struct pair *pair, unsigned end)
{
        uint64_t who;
        size_t count;
        bool broken;
        while ((who = pair_reader_due(pair, end, &count))) {
                struct arrived arrived;
                if (pair_reset(pair, end, true)) {
                        rt_reply_outcome(who, answered(REASON_IO));
                        continue;
                }
                pair_receive(pair, end, who, table.bytes, count, &arrived);
                if (socket_receive_reply(who, table.bytes, arrived.length, arrived.mark,
                                         arrived.rights, arrived.whole) != OUTCOME_OK)
                        pair_return(pair, end, &arrived);
        }
        while ((who = pair_writer_due(pair, end, &broken))) {
                if (broken)
                        rt_reply_outcome(who, send_fails(pair, end));
                else
                        socket_send_reply(who, 0); /* its bytes are gone: it sends them again */
        }
}

static void pair_serve(struct pair *pair)
{
        uint64_t right;
        while ((right = pair_right_left(pair)))
                sys_handle_close(right);
        for (unsigned end = 0; end < PAIR_ENDS; end++)
                end_serve(pair, end);
}

void pairs_serve_waiting(void)
{
        for (unsigned i = 0; i < PAIRS; i++) {
                struct pair *pair = &table.pairs[i];
                if (!is_used(pair))
                        continue;
                pair_serve(pair);
                for (unsigned end = 0; end < PAIR_ENDS; end++)
                        watches_serve(watches_of(pair, end), pair_ready(pair, end));
        }
}

/* ---- interface socket --------------------------------------------------------------------------
 */

static outcome_t send_bytes(struct request *request, const void *data, size_t data_length,
                            uint64_t mark, uint64_t rights, uint64_t how, uint64_t *count)
{
        struct pair *pair = pair_of(request->badge);
        const unsigned end = end_of(request->badge);
        size_t done;
        if (!pair)
                return answered(REASON_REFUSED);
        if (how & ~(uint64_t)HOW_SENDS || (rights && !mark))
                return answered(REASON_INVALID);
        if (rights && pair_staged(pair, end, mark) != rights)
                return answered(REASON_STALE);
        if (pair->type != SOCKET_STREAM && data_length > RECORD_MOST)
                return answered(REASON_TOO_LONG);
        if (how & SOCKET_NOW && pair_is_full(pair, end, data_length))
                return answered(REASON_BUSY);
        enum pipe_answer answer =
            pair_send(pair, end, request->reply, data, data_length, rights ? mark : 0, &done);
        *count = done;
        pair_serve(pair);
        return answer == PIPE_BROKEN && !(how & SOCKET_MORE) ? send_fails(pair, end)
                                                             : outcome_of(answer);
}

static outcome_t receive(struct request *request, uint64_t count, uint64_t how, const void **data,
                         size_t *data_length, uint64_t *mark, uint64_t *rights, uint64_t *whole)
{
        struct pair *pair = pair_of(request->badge);
        const unsigned end = end_of(request->badge);
        struct arrived arrived;
        if (!pair)
                return answered(REASON_REFUSED);
        if (count == 0 || how & ~(uint64_t)HOW_RECEIVES ||
            (how & (SOCKET_PEEK | SOCKET_REST) && !(how & SOCKET_NOW)))
                return answered(REASON_INVALID);
        if (!(how & SOCKET_MORE) && pair_reset(pair, end, true))
                return answered(REASON_IO);
        if ((how & SOCKET_NOW && pair_is_empty(pair, end)) ||
            (how & SOCKET_REST && pair_is_bound(pair, end)))
                return answered(REASON_BUSY);
        enum pipe_answer answer = PIPE_DONE;
        count = least(count, RECORD_MOST);
        if (how & SOCKET_PEEK)
                arrived = pair_peek(pair, end, table.bytes, count);
        else
                answer = pair_receive(pair, end, request->reply, table.bytes, count, &arrived);
        *data = table.bytes;
        *data_length = arrived.length;
        *whole = arrived.whole;
        *mark = arrived.mark;
        *rights = arrived.rights;
        return outcome_of(answer);
}

static outcome_t pass(struct request *request, uint64_t mark, uint64_t kind, uint64_t flags,
                      uint64_t offset, struct received_cap *right)
{
        struct pair *pair = pair_of(request->badge);
        uint64_t displaced;
        if (!pair)
                return answered(REASON_REFUSED);
        if (!mark || (right->own ? right->badge & BADGE_PAIR && !(right->badge & BADGE_TERMINAL)
                                 : right->type != OBJECT_RIGHT))
                return answered(REASON_INVALID);
        const struct passed passed = {cap_take(right), kind, flags, offset};
        if (!passed.right)
                return answered(REASON_NO_MEMORY);
        if (!pair_pass(pair, end_of(request->badge), mark, &passed, &displaced)) {
                sys_handle_close(passed.right);
                return answered(REASON_OVERLOADED);
        }
        if (displaced)
                sys_handle_close(displaced);
        return OUTCOME_OK;
}

static outcome_t unpass(struct request *request, uint64_t mark)
{
        struct pair *pair = pair_of(request->badge);
        uint64_t right;
        if (!pair)
                return answered(REASON_REFUSED);
        while ((right = pair_unpass(pair, end_of(request->badge), mark)))
                sys_handle_close(right);
        return OUTCOME_OK;
}

static outcome_t claim(struct request *request, uint64_t mark, uint64_t *kind, uint64_t *flags,
                       uint64_t *offset, struct send_cap *right)
{
        struct pair *pair = pair_of(request->badge);
        struct passed passed;
        if (!pair)
                return answered(REASON_REFUSED);
        if (!pair_claim(pair, end_of(request->badge), mark, &passed))
                return answered(REASON_NOT_FOUND);
        *kind = passed.kind;
        *flags = passed.flags;
        *offset = passed.offset;
        *right = cap_move(passed.right);
        return OUTCOME_OK;
}

static outcome_t shut(struct request *request, uint64_t sides)
{
        struct pair *pair = pair_of(request->badge);
        if (!pair)
                return answered(REASON_REFUSED);
        if (!sides || sides & ~(uint64_t)(SOCKET_RECEIVES | SOCKET_SENDS))
                return answered(REASON_INVALID);
        pair_shut(pair, end_of(request->badge), sides & SOCKET_RECEIVES, sides & SOCKET_SENDS);
        pair_serve(pair);
        return OUTCOME_OK;
}

outcome_t pairs_add(struct server *server)
{
        static const struct socket_server handlers = {.send = send_bytes,
                                                      .receive = receive,
                                                      .pass = pass,
                                                      .claim = claim,
                                                      .shut = shut,
                                                      .unpass = unpass};
        return rt_server_add(server, SOCKET_INTERFACE, socket_dispatch, &handlers, NULL);
}

/* ---- interface tty -----------------------------------------------------------------------------
 */

static outcome_t ready(struct request *request, uint64_t wanted, uint64_t seen, uint64_t waits,
                       uint64_t *events, uint64_t *progress)
{
        const struct pair *pair = pair_of(request->badge);
        const unsigned end = end_of(request->badge);
        if (!pair)
                return answered(REASON_REFUSED);
        const struct watch watch = {request->reply, (unsigned)wanted, seen};
        return watch_begin(watches_of(pair, end), pair_ready(pair, end), &watch, waits, events,
                           progress);
}

static outcome_t available(struct request *request, uint64_t *count)
{
        const struct pair *pair = pair_of(request->badge);
        if (!pair)
                return answered(REASON_REFUSED);
        *count = pair_available(pair, end_of(request->badge));
        return OUTCOME_OK;
}

const struct tty_server pairs_tty = {.ready = ready, .available = available};

/* ---- beginning and end -------------------------------------------------------------------------
 */

void pairs_close(uint64_t badge)
{
        struct pair *pair = pair_of(badge);
        if (!pair || !pair->open[end_of(badge)])
                return;
        const bool free = pair_close(pair, end_of(badge));
        pair_serve(pair);
        if (!free)
                return;
        for (unsigned end = 0; end < PAIR_ENDS; end++) {
                watches_end(watches_of(pair, end));
                rt_memory_free(pair->pipes[end].ring, PIPE_BYTES);
        }
        *pair = (struct pair){0};
}

void pairs_cancel(uint64_t badge, handle_t reply)
{
        struct pair *pair = pair_of(badge);
        if (pair && (pair_forget(pair, end_of(badge), reply) ||
                     watch_forget(watches_of(pair, end_of(badge)), reply)))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
}

outcome_t pairs_make(struct request *request, uint64_t type, struct send_cap *one,
                     struct send_cap *other)
{
        unsigned index = 0;
        void *rings[PAIR_ENDS];
        handle_t ends[PAIR_ENDS] = {0};
        if (type != SOCKET_STREAM && type != SOCKET_DATAGRAMS && type != SOCKET_PACKETS)
                return answered(REASON_INVALID);
        while (index < PAIRS && is_used(&table.pairs[index]))
                index++;
        if (index == PAIRS)
                return answered(REASON_OVERLOADED);
        outcome_t outcome = rings_allocate(rings);
        if (outcome != OUTCOME_OK)
                return outcome;
        table.uses[index]++;
        pair_begin(&table.pairs[index], (enum socket_type)type, (uint8_t *[]){rings[0], rings[1]});
        for (unsigned end = 0; end < PAIR_ENDS && outcome == OUTCOME_OK; end++)
                outcome = rt_server_right(request->server, badge_of(index, end), &ends[end]);
        if (outcome != OUTCOME_OK) {
                if (ends[0])
                        sys_handle_close(ends[0]);
                pairs_close(badge_of(index, 0));
                pairs_close(badge_of(index, 1));
                return outcome;
        }
        *one = cap_move(ends[0]);
        *other = cap_move(ends[1]);
        return OUTCOME_OK;
}
