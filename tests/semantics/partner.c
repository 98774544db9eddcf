/* The methods, in the order of methods.def. Each takes what it needs from the request, does one
 * thing by the runtime, and says in words how that ended. */
#include "tests/semantics/partner.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/serve/service.h"

/* One more word of the answer. */
static void say(struct request *request, uint64_t word)
{
        struct message *answer = &request->answer;
        answer->words[answer->word_count++] = word;
}

static void say_cap(struct request *request, struct send_cap cap)
{
        struct message *answer = &request->answer;
        answer->caps[answer->cap_count++] = cap;
}

static handle_t kept(const struct partner *partner, uint64_t place)
{
        return place < PARTNER_KEPT ? partner->kept[place] : 0;
}

static void keep_none(struct partner *partner)
{
        for (unsigned i = 0; i < PARTNER_KEPT; i++) {
                if (partner->kept[i])
                        sys_handle_close(partner->kept[i]);
                partner->kept[i] = 0;
        }
        partner->kept_count = 0;
}

/* ---- what comes, and goes back --------------------------------------------------------------- */

static outcome_t echo(struct partner *partner, struct request *request)
{
        (void)partner;
        for (unsigned i = 0; i < request->word_count; i++)
                say(request, request->words[i]);
        request->answer.buffers[0] =
            (struct message_buffer){(uint64_t)request->bytes, request->byte_count};
        request->answer.buffer_count = request->byte_count ? 1 : 0;
        for (unsigned i = 0; i < request->cap_count; i++)
                say_cap(request, cap_move(cap_take(&request->caps[i])));
        return OUTCOME_OK;
}

static outcome_t seen(struct partner *partner, struct request *request)
{
        (void)partner;
        uint64_t now = rt_now();
        say(request, request->idempotent);
        say(request, request->priority);
        say(request, request->trace);
        say(request, request->badge);
        say(request, request->deadline > now ? request->deadline - now : 0);
        return OUTCOME_OK;
}

static outcome_t keep(struct partner *partner, struct request *request)
{
        keep_none(partner);
        if (request->cap_count) {
                const struct received_cap *first = request->caps;
                say(request, first->type);
                say(request, first->rights);
                say(request, first->own);
                say(request, first->badge);
        }
        for (unsigned i = 0; i < request->cap_count; i++)
                partner->kept[partner->kept_count++] = cap_take(&request->caps[i]);
        return OUTCOME_OK;
}

static outcome_t give(struct partner *partner, struct request *request)
{
        uint64_t place = request->words[0];
        unsigned flags = (unsigned)request->words[1];
        if (!kept(partner, place))
                return answered(REASON_NOT_FOUND);
        say_cap(request, send_cap(partner->kept[place], flags));
        if (flags & SEND_CAP_MOVE)
                partner->kept[place] = 0;
        return OUTCOME_OK;
}

static outcome_t note(struct partner *partner, struct request *request)
{
        partner->notes++;
        partner->disordered += request->words[0] != partner->notes;
        partner->one_way += !request->reply;
        return OUTCOME_OK;
}

static outcome_t noted(struct partner *partner, struct request *request)
{
        say(request, partner->notes);
        say(request, partner->disordered);
        say(request, partner->one_way);
        return OUTCOME_OK;
}

/* ---- what it does with what it keeps --------------------------------------------------------- */

static outcome_t use(struct partner *partner, struct request *request)
{
        const struct message message = {.interface = PARTNER_INTERFACE,
                                        .method = (uint16_t)request->words[1],
                                        .word_count = 1,
                                        .words = {request->words[2]}};
        struct arrival arrival;
        arrival_prepare(&arrival, NULL, 0, 0);
        say(request,
            rt_call(kept(partner, request->words[0]), request->deadline, &message, &arrival));
        say(request, arrival.words[0]);
        return OUTCOME_OK;
}

static outcome_t tell(struct partner *partner, struct request *request)
{
        const struct message message = {.interface = PARTNER_INTERFACE,
                                        .method = PARTNER_NOTE,
                                        .word_count = 1,
                                        .words = {request->words[1]}};
        say(request, rt_send(kept(partner, request->words[0]), request->deadline, &message));
        return OUTCOME_OK;
}

static outcome_t start(struct partner *partner, struct request *request)
{
        const struct message message = {.interface = PARTNER_INTERFACE,
                                        .method = (uint16_t)request->words[1]};
        struct arrival none = {0};
        outcome_t outcome = OUTCOME_OK;
        if (!partner->call)
                outcome = rt_server_call(&partner->server, 0, &partner->call);
        if (outcome == OUTCOME_OK)
                outcome = rt_call_start(kept(partner, request->words[0]), partner->call,
                                        request->deadline, &message, &none);
        say(request, outcome);
        return OUTCOME_OK;
}

static outcome_t fail(struct partner *partner, struct request *request)
{
        (void)partner;
        request->answer.outcome = (outcome_t)request->words[0];
        return request->answer.outcome;
}

static outcome_t defer(struct partner *partner, struct request *request)
{
        keep_none(partner);
        partner->kept[0] = request->reply;
        return RT_DEFERRED;
}

static outcome_t answer(struct partner *partner, struct request *request)
{
        struct message message = {
            .outcome = (outcome_t)request->words[1], .word_count = 1, .words = {request->words[2]}};
        uint64_t place = request->words[0];
        if (request->cap_count)
                message.caps[message.cap_count++] = cap_move(cap_take(&request->caps[0]));
        say(request, rt_reply(kept(partner, place), &message));
        if (place < PARTNER_KEPT)
                partner->kept[place] = 0;
        return OUTCOME_OK;
}

static outcome_t drop(struct partner *partner, struct request *request)
{
        uint64_t place = request->words[0];
        if (kept(partner, place)) {
                sys_handle_close(partner->kept[place]);
                partner->kept[place] = 0;
        }
        return OUTCOME_OK;
}

static outcome_t told(struct partner *partner, struct request *request)
{
        say(request, partner->cancels);
        say(request, partner->no_senders);
        say(request, partner->no_senders_badge);
        return OUTCOME_OK;
}

/* ---- events and memory ----------------------------------------------------------------------- */

static outcome_t signal(struct partner *partner, struct request *request)
{
        say(request, sys_event_signal(kept(partner, request->words[0]), request->words[1]));
        return OUTCOME_OK;
}

static outcome_t event(struct partner *partner, struct request *request)
{
        (void)request;
        keep_none(partner);
        return sys_event_create(&partner->kept[0]);
}

static outcome_t bits(struct partner *partner, struct request *request)
{
        uint64_t set = 0;
        say(request, sys_event_wait(kept(partner, request->words[0]), request->words[1],
                                    request->deadline, &set));
        say(request, set);
        return OUTCOME_OK;
}

static uint64_t pattern_word(uint64_t seed, size_t index)
{
        return (seed + index) * 0x9e3779b97f4a7c15ull;
}

outcome_t partner_fill(handle_t memory_handle, uint64_t seed)
{
        uint64_t size, physical, *words;
        outcome_t outcome = sys_memory_info(memory_handle, &size, &physical);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_map(memory_handle, 0, size, MAP_WRITE, (void **)&words);
        if (outcome != OUTCOME_OK)
                return outcome;
        for (size_t i = 0; i < size / sizeof(*words); i++)
                words[i] = pattern_word(seed, i);
        rt_memory_free(words, size);
        return OUTCOME_OK;
}

outcome_t partner_memory(size_t size, uint64_t seed, handle_t *memory_handle)
{
        outcome_t outcome = sys_memory_create(0, size, MEMORY_ANONYMOUS, 0, memory_handle);
        return outcome == OUTCOME_OK ? partner_fill(*memory_handle, seed) : outcome;
}

outcome_t partner_compare(handle_t memory_handle, uint64_t seed, uint64_t *size, bool *same)
{
        uint64_t physical, *words;
        *same = false;
        outcome_t outcome = sys_memory_info(memory_handle, size, &physical);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_map(memory_handle, 0, *size, MAP_READ, (void **)&words);
        if (outcome != OUTCOME_OK)
                return outcome;
        *same = true;
        for (size_t i = 0; i < *size / sizeof(*words); i++)
                *same &= words[i] == pattern_word(seed, i);
        rt_memory_free(words, *size);
        return OUTCOME_OK;
}

static outcome_t memory(struct partner *partner, struct request *request)
{
        keep_none(partner);
        say(request, partner_memory(request->words[0], request->words[1], &partner->kept[0]));
        return OUTCOME_OK;
}

static outcome_t fill(struct partner *partner, struct request *request)
{
        say(request, partner_fill(kept(partner, request->words[0]), request->words[1]));
        return OUTCOME_OK;
}

static outcome_t pattern(struct partner *partner, struct request *request)
{
        uint64_t size = 0;
        bool same;
        say(request,
            partner_compare(kept(partner, request->words[0]), request->words[1], &size, &same));
        say(request, size);
        say(request, same);
        return OUTCOME_OK;
}

/* ---- rights and ports ------------------------------------------------------------------------ */

static outcome_t mint(struct partner *partner, struct request *request)
{
        handle_t right;
        outcome_t outcome = rt_server_right(&partner->server, request->words[0], &right);
        if (outcome == OUTCOME_OK)
                say_cap(request, cap_move(right));
        return outcome;
}

static outcome_t hand(struct partner *partner, struct request *request)
{
        struct message message = {.interface = PARTNER_INTERFACE, .method = PARTNER_KEEP};
        struct arrival arrival;
        handle_t right;
        outcome_t outcome = rt_server_right(&partner->server, request->words[1], &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        message.cap_count = 1;
        message.caps[0] = cap_move(right);
        arrival_prepare(&arrival, NULL, 0, 0);
        say(request,
            rt_call(kept(partner, request->words[0]), request->deadline, &message, &arrival));
        return OUTCOME_OK;
}

static outcome_t revoke(struct partner *partner, struct request *request)
{
        say(request, sys_right_revoke(partner->server.port, request->words[0],
                                      (enum reason)request->words[1]));
        return OUTCOME_OK;
}

static outcome_t revoke_port(struct partner *partner, struct request *request)
{
        say(request,
            sys_right_revoke(partner->port, PARTNER_BADGE_PORT, (enum reason)request->words[0]));
        return OUTCOME_OK;
}

static outcome_t holds(struct partner *partner, struct request *request)
{
        say(request, kept(partner, request->words[0]) != 0);
        return OUTCOME_OK;
}

static outcome_t port(struct partner *partner, struct request *request)
{
        handle_t right;
        outcome_t outcome = sys_port_create(&partner->port);
        if (outcome == OUTCOME_OK)
                outcome = sys_right_mint(partner->port, PARTNER_BADGE_PORT, RIGHTS_ALL, &right);
        if (outcome == OUTCOME_OK)
                say_cap(request, cap_move(right));
        return outcome;
}

static outcome_t receive(struct partner *partner, struct request *request)
{
        struct arrival arrival;
        size_t most =
            request->words[0] < sizeof(partner->bytes) ? request->words[0] : sizeof(partner->bytes);
        arrival_prepare(&arrival, partner->bytes, most, (unsigned)request->words[1]);
        outcome_t outcome = rt_receive(partner->port, rt_after(request->words[2]), &arrival);
        say(request, outcome);
        if (outcome != OUTCOME_OK)
                return OUTCOME_OK;
        arrival_drop(&arrival);
        struct message message = {.word_count = arrival.word_count};
        for (unsigned i = 0; i < arrival.word_count; i++)
                message.words[i] = arrival.words[i];
        if (arrival.reply)
                rt_reply(arrival.reply, &message);
        return OUTCOME_OK;
}

static outcome_t close_port(struct partner *partner, struct request *request)
{
        say(request, sys_handle_close(partner->port));
        partner->port = 0;
        return OUTCOME_OK;
}

/* ---- the partner itself ---------------------------------------------------------------------- */

/* Whether so much more can be used, and `leave` is left. */
static bool affords(uint64_t size, uint64_t leave)
{
        uint64_t used = 0, limit = 0;
        sys_account_info(0, &used, &limit);
        return limit - used >= leave + size + 2 * PAGE_SIZE;
}

void partner_hog(struct partner *partner, uint64_t leave)
{
        uint64_t size = 1 << 20;
        while (size >= PAGE_SIZE && partner->hogged_count < PARTNER_HOGGED) {
                handle_t *next = &partner->hogged[partner->hogged_count];
                if (affords(size, leave) &&
                    sys_memory_create(0, size, MEMORY_ANONYMOUS, 0, next) == OUTCOME_OK)
                        partner->hogged_count++;
                else
                        size /= 2;
        }
}

static outcome_t hog(struct partner *partner, struct request *request)
{
        partner_hog(partner, request->words[0]);
        return OUTCOME_OK;
}

static outcome_t find(struct partner *partner, struct request *request)
{
        char name[PARTNER_NAME];
        handle_t right;
        (void)partner;
        if (request->byte_count >= sizeof(name))
                return answered(REASON_NAME_TOO_LONG);
        for (size_t i = 0; i < request->byte_count; i++)
                name[i] = (char)request->bytes[i];
        name[request->byte_count] = 0;
        outcome_t outcome = rt_lookup(name, request->deadline, &right);
        if (outcome == OUTCOME_OK)
                say_cap(request, cap_move(right));
        return outcome;
}

void partner_reset(struct partner *partner)
{
        keep_none(partner);
        while (partner->hogged_count)
                sys_handle_close(partner->hogged[--partner->hogged_count]);
        if (partner->port)
                sys_handle_close(partner->port);
        if (partner->call)
                sys_handle_close(partner->call);
        partner->port = partner->call = 0;
        partner->notes = partner->disordered = partner->one_way = 0;
        partner->cancels = 0;
        partner->no_senders = partner->no_senders_badge = 0;
}

static outcome_t reset(struct partner *partner, struct request *request)
{
        (void)request;
        partner_reset(partner);
        return OUTCOME_OK;
}

static outcome_t leave(struct partner *partner, struct request *request)
{
        (void)partner;
        (void)request;
        sys_task_exit(0);
        return OUTCOME_OK;
}

typedef outcome_t partner_function(struct partner *partner, struct request *request);

static partner_function *const functions[PARTNER_METHODS] = {
#define METHOD(name, number, function, text) [PARTNER_##name] = function,
#include "tests/semantics/methods.def"
#undef METHOD
};

static outcome_t on_request(struct server *server, struct request *request)
{
        if (request->interface != PARTNER_INTERFACE)
                return RT_PASSED_ON;
        if (request->method >= PARTNER_METHODS || !functions[request->method])
                return answered(REASON_NO_METHOD);
        return functions[request->method](server->context, request);
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        struct partner *partner = server->context;
        (void)badge;
        (void)reply;
        partner->cancels++;
}

static void on_completed(struct server *server, uint64_t key)
{
        struct partner *partner = server->context;
        partner->completed |= 1ull << key;
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        struct partner *partner = server->context;
        (void)issues;
        partner->no_senders++;
        partner->no_senders_badge = badge;
}

outcome_t partner_init(struct partner *partner, handle_t *right)
{
        *partner = (struct partner){0};
        outcome_t outcome = rt_server_init(&partner->server);
        partner->server.context = partner;
        partner->server.on_request = on_request;
        partner->server.on_cancel = on_cancel;
        partner->server.on_completed = on_completed;
        partner->server.on_no_senders = on_no_senders;
        if (outcome == OUTCOME_OK)
                outcome = sys_port_detail(partner->server.port, 1);
        return outcome == OUTCOME_OK ? rt_server_right(&partner->server, PARTNER_BADGE, right)
                                     : outcome;
}
