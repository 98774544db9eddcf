/* What runs on the nodes: it holds a bag of rights, its own and far ones, and at random calls them,
 * passes them on, drops them, revokes them, cancels. It tells the ledger all it does and sees, and
 * takes no decision but by the run's random numbers.
 *
 *      held    a right in the bag, and the object that it stands for
 *      open    a call of its own under way, with its call object and what must stay meanwhile
 *      served  a call that it is to answer later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/rt/message/block.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "tests/sim/user/ledger.h"

enum { BAG = 32, OPEN = 24, SERVED = 24, ANSWER_CAPS = 2, REQUEST_CAPS = 4, WAY_LONGEST = 2 };

/* A right that was passed on leads through each node that has held it, like the message that it
 * came with, and a call holds a place at each of them: in circles they would wait for each other.
 * So no way is longer than over one other node. */

enum open_state { OPEN_FREE, OPEN_LOOKUP, OPEN_LIST, OPEN_CALL };

static struct app {
        struct server server;
        struct held {
                handle_t handle;
                uint64_t object; /* 0: not known */
                uint8_t hops;    /* 0: our own */
        } bag[BAG];
        unsigned held;
        struct open {
                enum open_state state;
                handle_t call;
                uint64_t number;
                char name[24];
                uint8_t *request, *answer;
        } open[OPEN];
        struct served {
                handle_t reply; /* 0: free */
                uint64_t number, due, deadline;
        } served[SERVED];
        uint64_t act_at;
} app;

/* ---- the bag --------------------------------------------------------------------------------- */

static void bag_drop(unsigned at)
{
        sys_handle_close(app.bag[at].handle);
        app.bag[at] = app.bag[--app.held];
}

static void bag_add(handle_t handle, uint64_t object, unsigned hops)
{
        if (!handle)
                return;
        if (app.held == BAG)
                bag_drop((unsigned)sim_below(BAG));
        app.bag[app.held++] = (struct held){handle, object, (uint8_t)hops};
}

/* A right of the bag; NULL: none was hit. Those found dead are dropped. */
static struct held *bag_some(void)
{
        unsigned at = (unsigned)sim_below(BAG);
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        if (at >= app.held)
                return NULL;
        if (sys_handle_info(app.bag[at].handle, &type, &rights, &identity) == OUTCOME_OK)
                return &app.bag[at];
        bag_drop(at);
        return NULL;
}

/* ---- messages -------------------------------------------------------------------------------- */

static uint32_t some_length(void)
{
        if (sim_chance(500))
                return 0;
        if (sim_chance(sim_bulk()))
                return (uint32_t)sim_below(MESSAGE_BYTES_MAX + 1);
        return (uint32_t)sim_below(sim_chance(200) ? 5000 : 200);
}

/* A new right of our own: it is given away, and half of the time kept too. */
static void cap_make(struct message *message, struct letter *letter)
{
        handle_t handle, copy;
        uint64_t object = ledger_object();
        if (sys_right_mint(app.server.port, object, RIGHTS_ALL, &handle) != OUTCOME_OK)
                return;
        if (sim_chance(500) && sys_handle_copy(handle, RIGHTS_ALL, &copy) == OUTCOME_OK)
                bag_add(copy, object, 0);
        letter->cap[letter->caps++] = object;
        message->caps[message->cap_count++] = cap_move(handle);
}

/* Up to `most` capabilities: old ones of the bag, whose objects are known, and new ones. */
static void caps_put(struct message *message, struct letter *letter, unsigned most)
{
        unsigned count = sim_chance(400) ? (unsigned)sim_below(most + 1) : 0;
        for (unsigned i = 0; i < count; i++) {
                const struct held *held = bag_some();
                if (!held) {
                        cap_make(message, letter);
                } else if (held->object && held->hops + letter->way <= WAY_LONGEST) {
                        letter->hops[letter->caps] = held->hops;
                        letter->cap[letter->caps++] = held->object;
                        message->caps[message->cap_count++] = cap_copy(held->handle);
                }
        }
}

/* What came with a message goes into the bag, and is described to the ledger. */
static void caps_take(uint64_t number, bool answer, struct received_cap *caps, unsigned count,
                      struct letter *letter)
{
        const struct letter *sent = ledger_sent(number, answer);
        const unsigned way = ledger_sent(number, false)->way;
        letter->caps = (uint8_t)count;
        for (unsigned i = 0; i < count; i++) {
                bool own = caps[i].own;
                uint64_t object = own ? caps[i].badge : sent->cap[i];
                letter->cap[i] = caps[i].type == OBJECT_NONE ? 0 : object;
                if (caps[i].type != OBJECT_NONE)
                        bag_add(cap_take(&caps[i]), object, own ? 0 : sent->hops[i] + way);
        }
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

static void act_call(bool one_way)
{
        struct letter letter = {0};
        struct message message = {0};
        struct arrival space;
        enum object_kind type;
        uint32_t rights;
        const struct held *held = bag_some();
        struct open *open = held && held->hops ? open_take(OPEN_CALL) : NULL;
        if (!open)
                return;
        handle_t right = held->handle;
        letter.object = held->object;
        letter.way = held->hops;
        sys_handle_info(right, &type, &rights, &letter.right);
        letter_fill(&letter, &message, one_way);
        if (letter.length && !(open->request = malloc(letter.length)))
                letter.length = 0;
        caps_put(&message, &letter, REQUEST_CAPS);
        open->number = ledger_begin(&letter);
        words_put(&message, &letter, open->number);
        if (letter.length) {
                ledger_bytes(open->number, open->request, letter.length);
                message.buffers[message.buffer_count++] =
                    (struct message_buffer){(uint64_t)open->request, letter.length};
        }
        arrival_prepare(&space, open->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        outcome_t outcome = rt_call_start(right, open->call, letter.deadline, &message, &space);
        if (outcome == OUTCOME_OK)
                return;
        ledger_withdraw(open->number, outcome);
        open_end(open);
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
        if (what < 5 || app.held == 0)
                act_look_up();
        else if (what < 60)
                act_call(false);
        else if (what < 80)
                act_call(true);
        else if (what < 86)
                act_cancel();
        else if (what < 89)
                act_revoke();
        else if (app.held)
                bag_drop((unsigned)sim_below(app.held));
}

static void on_completed(struct server *server, uint64_t key)
{
        (void)server;
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
        struct letter letter = {.first = arrival.words[0],
                                .words = arrival.word_count,
                                .length = (uint32_t)arrival.bytes,
                                .bytes = open->answer};
        caps_take(open->number, true, arrival.caps, arrival.cap_count, &letter);
        ledger_ended(open->number, outcome, &letter);
        open_end(open);
}

/* ---- calls of others ------------------------------------------------------------------------- */

static void answer(handle_t reply, uint64_t number)
{
        static uint8_t bytes[MESSAGE_BYTES_MAX];
        struct message message = {0};
        struct letter letter = {.way = ledger_sent(number, false)->way, .length = some_length()};
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

/* False: there is no room to answer it later. */
static bool answer_later(const struct request *request, uint64_t number)
{
        for (unsigned i = 0; i < SERVED; i++) {
                struct served *served = &app.served[i];
                if (served->reply)
                        continue;
                uint64_t time = sim_below(sim_chance(100) ? RT_SECOND : 5 * RT_MILLISECOND);
                *served =
                    (struct served){request->reply, number, rt_after(time), request->deadline};
                app.server.deadline = rt_earlier(app.server.deadline, served->due);
                return true;
        }
        return false;
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
        if (sim_chance(500) || !answer_later(request, number))
                answer(request->reply, number);
        return RT_DEFERRED;
}

static void answers_due(uint64_t now)
{
        for (unsigned i = 0; i < SERVED; i++) {
                struct served *served = &app.served[i];
                if (!served->reply)
                        continue;
                if (served->due <= now) {
                        answer(served->reply, served->number);
                        served->reply = 0;
                } else {
                        app.server.deadline = rt_earlier(app.server.deadline, served->due);
                }
        }
}

static void on_time(struct server *server, uint64_t now)
{
        answers_due(now);
        while (sim_draining() && app.held)
                bag_drop(0);
        if (now >= app.act_at) {
                if (!sim_calm())
                        act();
                else
                        act_list();
                uint64_t pace = sim_chance(300) ? RT_MILLISECOND / 10 : sim_pace();
                app.act_at = sim_calm() ? now + 100 * RT_MILLISECOND : now + sim_below(pace);
        }
        server->deadline = rt_earlier(server->deadline, app.act_at);
}

int main(void)
{
        handle_t right;
        struct server *server = &app.server;
        uint64_t object = ledger_object();
        if (rt_server_init(server) != OUTCOME_OK ||
            sys_port_detail(server->port, 1) != OUTCOME_OK ||
            rt_server_right(server, object, &right) != OUTCOME_OK ||
            rt_register("app", right) != OUTCOME_OK)
                return 1;
        server->on_request = on_request;
        server->on_completed = on_completed;
        server->on_time = on_time;
        server->deadline = rt_now();
        rt_serve(server);
        return 1;
}
