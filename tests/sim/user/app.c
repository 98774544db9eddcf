/* What runs on the nodes: it holds a bag of rights, its own and far ones, and at random calls them,
 * passes them on, drops them, revokes them, cancels. It tells the ledger all it does and sees, and
 * takes no decision but by the run's random numbers.
 *
 *      open    a call of its own under way, with its call object and what must stay meanwhile
 *      bag.h   what it holds, and calls that it is to answer
 *      gifts.h what else it holds
 *      view.h  the nodes, as one of them knows them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/rt/message/block.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "tests/sim/user/bag.h"
#include "tests/sim/user/gifts.h"
#include "tests/sim/user/view.h"

enum { OPEN = 24, ANSWER_CAPS = 2, REQUEST_CAPS = 4 };

enum open_state { OPEN_FREE, OPEN_LOOKUP, OPEN_LIST, OPEN_CALL };

static struct app {
        struct server server;
        struct open {
                enum open_state state;
                handle_t call;
                uint64_t number;
                char name[24];
                handle_t moved[MESSAGE_CAPS]; /* with it; ours again if nobody took them */
                uint8_t *request, *answer;
        } open[OPEN];
        uint64_t act_at;
} app;

/* ---- messages -------------------------------------------------------------------------------- */

static uint32_t some_length(void)
{
        if (sim_chance(500))
                return 0;
        if (sim_chance(sim_bulk()))
                return (uint32_t)sim_below(MESSAGE_BYTES_MAX + 1);
        return (uint32_t)sim_below(sim_chance(200) ? 5000 : 200);
}

static void words_put(struct message *message, struct letter *letter, uint64_t first)
{
        letter->words = (uint8_t)(1 + sim_below(MESSAGE_WORDS));
        message->word_count = letter->words;
        for (unsigned i = 0; i < letter->words; i++)
                message->words[i] = first;
}

/* ---- its own calls --------------------------------------------------------------------------- */

static struct open *open_take(enum open_state state)
{
        unsigned at = (unsigned)sim_below(OPEN);
        struct open *open = &app.open[at];
        if (open->state != OPEN_FREE)
                return NULL;
        if (!open->call && rt_server_call(&app.server, at, &open->call) != OUTCOME_OK)
                return NULL;
        if (!open->answer && !(open->answer = malloc(MESSAGE_BYTES_MAX)))
                return NULL;
        open->state = state;
        return open;
}

static void open_end(struct open *open)
{
        free(open->request);
        open->request = NULL;
        open->state = OPEN_FREE;
}

static void act_look_up(void)
{
        struct open *open = open_take(OPEN_LOOKUP);
        if (!open)
                return;
        snprintf(open->name, sizeof open->name, "%s/app", sim_some_node());
        if (name_lookup_start(rt_names(), open->call, rt_after(2 * RT_SECOND), open->name,
                              strlen(open->name), NAME_WAIT_ALWAYS) != OUTCOME_OK)
                open_end(open);
}

/* What names there are, in an answer of its own memory. */
static void act_list(void)
{
        struct open *open = open_take(OPEN_LIST);
        if (open && name_list_start(rt_names(), open->call, rt_after(2 * RT_SECOND), "", 0,
                                    open->answer, NAME_LIST_MAX) != OUTCOME_OK)
                open_end(open);
}

static uint64_t some_deadline(void)
{
        if (sim_chance(100))
                return TIME_NEVER;
        return rt_after(RT_MILLISECOND +
                        sim_below(sim_chance(200) ? 20 * RT_MILLISECOND : 4 * RT_SECOND));
}

/* How the message goes: what the kernel adds of its own, and what it does not. */
static void letter_fill(struct letter *letter, struct message *message, bool one_way)
{
        message->interface = LETTER_INTERFACE;
        message->method = letter->method = (uint16_t)sim_below(1000);
        message->flags =
            (one_way ? MESSAGE_ONE_WAY : 0) | (sim_chance(300) ? MESSAGE_IDEMPOTENT : 0);
        letter->flags = message->flags;
        letter->length = some_length();
        letter->deadline = one_way ? TIME_NEVER : some_deadline();
        letter->deadline = rt_earlier(letter->deadline, runtime_block()->serving_deadline);
        letter->detailed = sim_chance(700);
        message->set_priority = letter->detailed;
        letter->priority = message->priority = (uint8_t)(60 + 10 * sim_below(5));
        letter->trace = message->trace = 1 + sim_below(UINT32_MAX);
}

/* Begins a message to one of the rights that lead to another node. */
static handle_t letter_make(struct letter *letter, struct message *message, bool one_way)
{
        enum object_kind type;
        uint32_t rights;
        const struct held *held = bag_some();
        if (!held || !held->hops)
                return 0;
        letter->object = held->object;
        letter->way = held->hops;
        sys_handle_info(held->handle, &type, &rights, &letter->right);
        letter_fill(letter, message, one_way);
        return held->handle;
}

/* Its content and its capabilities; returns its number. */
static uint64_t letter_write(struct letter *letter, struct message *message, uint8_t *bytes)
{
        if (!bytes)
                letter->length = 0;
        caps_put(message, letter, REQUEST_CAPS);
        if (sim_chance(100))
                reply_put(message, letter);
        uint64_t number = ledger_begin(letter);
        words_put(message, letter, number);
        if (letter->length) {
                ledger_bytes(number, bytes, letter->length);
                message->buffers[message->buffer_count++] =
                    (struct message_buffer){(uint64_t)bytes, letter->length};
        }
        return number;
}

static void act_call(bool one_way)
{
        struct letter letter = {0};
        struct message message = {0};
        struct arrival space;
        handle_t right = letter_make(&letter, &message, one_way);
        struct open *open = right ? open_take(OPEN_CALL) : NULL;
        if (!open)
                return;
        open->request = letter.length ? malloc(letter.length) : NULL;
        open->number = letter_write(&letter, &message, open->request);
        for (unsigned i = 0; i < MESSAGE_CAPS; i++)
                open->moved[i] = i < message.cap_count && message.caps[i].flags & SEND_CAP_MOVE
                                     ? message.caps[i].handle
                                     : 0;
        arrival_prepare(&space, open->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        outcome_t outcome = rt_call_start(right, open->call, letter.deadline, &message, &space);
        if (outcome == OUTCOME_OK)
                return;
        ledger_withdraw(open->number, outcome);
        open_end(open);
}

static void letter_end(uint64_t number, outcome_t outcome, struct arrival *arrival)
{
        struct letter letter = {.first = arrival->words[0],
                                .words = arrival->word_count,
                                .length = (uint32_t)arrival->bytes,
                                .bytes = arrival->buffer};
        caps_take(number, true, arrival->caps, arrival->cap_count, &letter);
        ledger_ended(number, outcome, &letter);
}

/* As most programs do it: nothing is served meanwhile. */
static void act_wait(void)
{
        static uint8_t request[MESSAGE_BYTES_MAX], answer_bytes[MESSAGE_BYTES_MAX];
        struct letter letter = {0};
        struct message message = {0};
        struct arrival arrival;
        handle_t right = letter_make(&letter, &message, sim_chance(300));
        if (!right)
                return;
        letter.deadline = rt_earlier(letter.deadline, rt_after(1 + sim_below(50 * RT_MILLISECOND)));
        letter.waits = true;
        uint64_t number = letter_write(&letter, &message, request);
        arrival_prepare(&arrival, answer_bytes, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        arrival.word_count = arrival.cap_count = 0;
        outcome_t outcome = letter.flags & MESSAGE_ONE_WAY
                                ? rt_send(right, letter.deadline, &message)
                                : rt_call(right, letter.deadline, &message, &arrival);
        letter_end(number, outcome, &arrival);
        ledger_waited();
}

static void act_cancel(void)
{
        struct open *open = &app.open[sim_below(OPEN)];
        if (open->state != OPEN_CALL)
                return;
        ledger_cancelled(open->number);
        sys_call_cancel(open->call);
}

static void act_revoke(void)
{
        const struct held *held = bag_some();
        if (!held || held->hops)
                return;
        ledger_revoked(held->object);
        sys_right_revoke(app.server.port, held->object, REASON_REVOKED);
}

static void act(void)
{
        uint64_t what = sim_below(100);
        if (what < 5 || bag_is_empty())
                act_look_up();
        else if (what < 15)
                gift_event_use();
        else if (what < 18)
                act_wait();
        else if (what < 60)
                act_call(false);
        else if (what < 80)
                act_call(true);
        else if (what < 86)
                act_cancel();
        else if (what < 87)
                act_revoke();
        else
                bag_drop_some();
}

static void on_completed(struct server *server, uint64_t key)
{
        (void)server;
        if (key == OPEN) {
                view_completed();
                server->deadline = 0;
                return;
        }
        struct open *open = &app.open[key];
        struct arrival arrival;
        if (open->state == OPEN_LOOKUP) {
                handle_t right;
                if (name_lookup_finish(open->call, &right) == OUTCOME_OK)
                        bag_add(right, 0, 1);
                open_end(open);
                return;
        }
        if (open->state == OPEN_LIST) {
                size_t bytes;
                if (name_list_finish(open->call, open->answer, NAME_LIST_MAX, &bytes) == OUTCOME_OK)
                        ledger_names(open->answer, bytes);
                open_end(open);
                return;
        }
        arrival_prepare(&arrival, open->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        outcome_t outcome = rt_call_finish(open->call, &arrival);
        if (outcome == not_executed(REASON_BUSY))
                return;
        letter_end(open->number, outcome, &arrival);
        for (unsigned i = 0; outcome_class(outcome) == OUTCOME_NOT_EXECUTED && i < MESSAGE_CAPS;
             i++)
                if (open->moved[i])
                        sys_handle_close(open->moved[i]); /* if it is ours again */
        open_end(open);
}

/* ---- calls of others ------------------------------------------------------------------------- */

static void answer(handle_t reply, uint64_t number, bool given)
{
        static uint8_t bytes[MESSAGE_BYTES_MAX];
        struct message message = {0};
        struct letter letter = {.way = ledger_sent(number, false)->way, .length = some_length()};
        if (!given)
                caps_put(&message, &letter, ANSWER_CAPS);
        words_put(&message, &letter, ~number);
        if (letter.length) {
                ledger_bytes(~number, bytes, letter.length);
                message.buffers[message.buffer_count++] =
                    (struct message_buffer){(uint64_t)bytes, letter.length};
        }
        ledger_answers(number, &letter);
        rt_reply(reply, &message);
}

static outcome_t on_request(struct server *server, struct request *request)
{
        (void)server;
        if (request->interface != LETTER_INTERFACE || request->word_count == 0)
                return RT_PASSED_ON;
        uint64_t number = request->words[0];
        struct letter letter = {.first = number,
                                .object = request->badge,
                                .method = request->method,
                                .flags = (request->idempotent ? MESSAGE_IDEMPOTENT : 0) |
                                         (request->reply ? 0 : MESSAGE_ONE_WAY),
                                .priority = request->priority,
                                .trace = request->trace,
                                .deadline = request->deadline,
                                .words = request->word_count,
                                .length = (uint32_t)request->byte_count,
                                .bytes = request->bytes};
        caps_take(number, false, request->caps, request->cap_count, &letter);
        ledger_executed(number, &letter);
        if (!request->reply)
                return OUTCOME_OK;
        if (sim_chance(500) || !serve_later(request->reply, number, false))
                answer(request->reply, number, false);
        return RT_DEFERRED;
}

static void answers_due(uint64_t now)
{
        struct served *served;
        while ((served = served_due(now))) {
                answer(served->reply, served->number, served->given);
                served->reply = 0;
        }
        app.server.deadline = rt_earlier(app.server.deadline, served_next());
}

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        if (key != 0) {
                gift_event_came(server, key, bits);
                return;
        }
        view_signalled();
        server->deadline = 0;
}

static void on_time(struct server *server, uint64_t now)
{
        answers_due(now);
        if (sim_draining()) {
                view_drop();
                gifts_drop();
                bag_empty();
        }
        if (now >= app.act_at) {
                if (!sim_calm())
                        act();
                else
                        act_list();
                uint64_t pace = sim_chance(300) ? RT_MILLISECOND / 10 : sim_pace();
                app.act_at = sim_calm() ? now + 100 * RT_MILLISECOND : now + sim_below(pace);
        }
        server->deadline = rt_earlier(server->deadline, app.act_at);
        server->deadline = rt_earlier(server->deadline, view_work(now));
}

int main(void)
{
        handle_t right;
        struct server *server = &app.server;
        uint64_t object = ledger_object();
        if (rt_server_init(server) != OUTCOME_OK ||
            sys_port_detail(server->port, 1) != OUTCOME_OK ||
            rt_server_right(server, object, &right) != OUTCOME_OK || !view_init(server, OPEN) ||
            rt_register("app", right) != OUTCOME_OK)
                return 1;
        server->on_request = on_request;
        server->on_completed = on_completed;
        server->on_time = on_time;
        server->on_event = on_event;
        server->on_event_end = gift_event_ended;
        bag_init(server);
        gifts_init(server);
        server->deadline = rt_now();
        rt_serve(server);
        return 1;
}
