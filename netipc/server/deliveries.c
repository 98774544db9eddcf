/* A call takes a place of the pool, and keeps it until its caller has an answer or is gone
 * (far_call.state):
 *
 *      IDLE ──► EXECUTING ───────► IDLE              the core has the answer
 *       │         ▲  └───────────► ANSWERING         it has no room, or the deadline has passed
 *       └──► FETCHING ───────────► ANSWERING         the snapshots do not come
 *                                      └──► IDLE     deliveries_work()
 *
 * A lost session ends its calls in any state. Every handle that comes in is sent on, kept in a
 * table, or closed, on each way out of each function. */
#include "netipc/server/deliveries.h"
#include <assert.h>
#include <string.h>
#include "netipc/server/capabilities.h"
#include "netipc/server/gather.h"
#include "netipc/server/transport.h"

/* ---- they arrive ----------------------------------------------------------------------------- */

static outcome_t far_call_start(struct far_call *call, handle_t right, core_call_t far,
                                const struct core_message *from, const handle_t *memory)
{
        struct message message;
        struct arrival space;
        if (!message_from_core(from, memory, &message))
                return not_executed(REASON_NO_MEMORY);
        if (from->length) {
                memcpy(call->request, from->bytes, from->length);
                message.buffers[0].address = (uint64_t)call->request;
        }
        if (!far)
                message.flags |= MESSAGE_ONE_WAY;
        for (unsigned i = 0; i < message.cap_count; i++)
                call->handle[call->handle_count++] = message.caps[i].handle;
        call->caller = far;
        arrival_prepare(&space, call->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        return rt_call_start(right, call->object, from->deadline, &message, &space);
}

/* Only what is called needs a call object. */
static bool may_be_delivered(uint64_t token, uint8_t peer, uint32_t bytes)
{
        const struct local_right *right = right_by_token(&transport.rights, token);
        if (right && right->type == CAPABILITY_MEMORY)
                return reads_room(&transport.reads);
        if (right && right->type != CAPABILITY_SEND)
                return true;
        return !fetch_before(&transport.fetches, token) &&
               far_call_room(&transport.far_calls, peer, token, bytes);
}

bool delivery_room(void *context, uint64_t token, uint8_t peer, uint32_t bytes)
{
        (void)context;
        bool room = may_be_delivered(token, peer, bytes);
        transport.deliveries_wait |= !room;
        return room;
}

/* The one answer through a reply right that has travelled. */
static outcome_t reply_deliver(const struct local_right *right, const struct core_message *from,
                               const handle_t *memory)
{
        struct message message;
        if (!message_from_core(from, memory, &message)) {
                rt_reply_outcome(right->handle, perhaps_executed(REASON_NO_MEMORY));
                return not_executed(REASON_NO_MEMORY);
        }
        message.outcome = from->outcome;
        message.set_priority = 0;
        rt_reply(right->handle, &message);
        return OUTCOME_OK;
}

/* Its snapshots are read first. */
static outcome_t reply_fetch(const struct local_right *right, const struct core_message *from)
{
        struct fetch *fetch = fetch_new(&transport.fetches, FETCH_LATE, from);
        if (!fetch)
                return not_executed(REASON_NO_MEMORY);
        fetch->token = right->token;
        right_keep(&transport.rights, right->token);
        return OUTCOME_OK;
}

/* What is no call of a program. */
static outcome_t deliver_special(const struct local_right *right, core_call_t far,
                                 const struct core_message *from)
{
        if (right->type == CAPABILITY_MEMORY)
                return read_add(&transport.reads, right->token, far, from);
        if (right->type == CAPABILITY_REPLY && !far)
                return fetch_needed(from) ? reply_fetch(right, from)
                                          : reply_deliver(right, from, NULL);
        if (right->type == CAPABILITY_EVENT && !far && from->words == 1 && !from->caps)
                return sys_event_signal(right->handle, from->word[0]);
        return not_executed(REASON_REFUSED);
}

static outcome_t call_fetch(struct far_call *call, uint64_t token, core_call_t far,
                            const struct core_message *from)
{
        struct fetch *fetch = fetch_new(&transport.fetches, FETCH_REQUEST, from);
        if (!fetch)
                return not_executed(REASON_NO_MEMORY);
        fetch->token = token;
        fetch->call = call;
        right_keep(&transport.rights, token);
        call->state = FAR_CALL_FETCHING;
        call->caller = far;
        return OUTCOME_OK;
}

outcome_t delivery_take(void *context, uint64_t token, enum wire_capability_kind type,
                        core_call_t far, const struct core_message *from)
{
        (void)context;
        struct local_right *right = right_by_token(&transport.rights, token);
        if (!right || type != right->type)
                return not_executed(REASON_REFUSED);
        if (type != CAPABILITY_SEND)
                return deliver_special(right, far, from);
        struct far_call *call =
            far_call_take(&transport.far_calls, from->peer, token, from->length);
        if (!call)
                return not_executed(REASON_OVERLOADED);
        outcome_t outcome = fetch_needed(from)
                                ? call_fetch(call, token, far, from)
                                : far_call_start(call, right->handle, far, from, NULL);
        if (transport.far_calls.taken > 1)
                gather_want();
        if (outcome != OUTCOME_OK) { /* what was to be moved is closed */
                far_call_ended(call, true);
                far_call_end(&transport.far_calls, call);
        }
        return outcome;
}

/* ---- they are answered ----------------------------------------------------------------------- */

/* How long an answer waits for room in the core, which its peer makes by taking others. */
#define ANSWER_PATIENCE (30 * RT_SECOND)

static void answer_empty(struct far_call *call, outcome_t outcome)
{
        call->outcome = outcome;
        call->message = (struct core_message){.deadline = CORE_NEVER};
}

/* Hands the answer to the core. False: there is no room for it now. */
static bool answer_give(struct far_call *call)
{
        outcome_t given =
            core_reply(transport.core, call->caller, call->outcome, &call->message, transport.now);
        unsigned reason = outcome_reason(given);
        if (given == OUTCOME_OK)
                return true;
        if (reason == REASON_OVERLOADED || reason == REASON_NO_MEMORY)
                return false;
        caps_release(&call->message);
        if (reason != REASON_BAD_HANDLE)
                core_reply(transport.core, call->caller, perhaps_executed(reason), NULL,
                           transport.now);
        return true;
}

void delivery_done(unsigned place)
{
        struct far_call *call = &transport.far_calls.pool[place];
        struct arrival arrival;
        if (call->state != FAR_CALL_EXECUTING)
                return; /* given up meanwhile */
        arrival_prepare(&arrival, call->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        outcome_t outcome = rt_call_finish(call->object, &arrival);
        far_call_ended(call, outcome_class(outcome) != OUTCOME_NOT_EXECUTED);
        if (call->caller)
                call->outcome = answer_to_core(&call->message, outcome, &arrival);
        arrival_drop(&arrival);
        if (!call->caller || answer_give(call)) {
                far_call_end(&transport.far_calls, call);
                return;
        }
        call->handle_count = caps_hold(&call->message, call->handle);
        far_call_keep(&transport.far_calls, call, transport.now);
}

void deliveries_work(void)
{
        struct far_calls *calls = &transport.far_calls;
        for (unsigned i = 0; calls->answering && i < calls->used; i++) {
                struct far_call *call = &calls->pool[i];
                if (call->state != FAR_CALL_ANSWERING)
                        continue;
                if (call->outcome == OUTCOME_OK && transport.now > call->since + ANSWER_PATIENCE) {
                        caps_release(&call->message);
                        answer_empty(call, perhaps_executed(REASON_OVERLOADED));
                }
                if (answer_give(call))
                        far_call_end(calls, call);
        }
        if (transport.deliveries_wait) {
                transport.deliveries_wait = false;
                core_resume(transport.core, transport.now);
        }
}

/* ---- their snapshots are here ---------------------------------------------------------------- */

/* The request has not been delivered: answers it with that outcome. */
static void call_refuse(struct far_call *call, outcome_t outcome)
{
        far_call_ended(call, true);
        if (call->caller) {
                answer_empty(call, outcome);
                far_call_keep(&transport.far_calls, call, transport.now);
        } else {
                far_call_end(&transport.far_calls, call);
        }
}

static void request_complete(struct fetch *fetch)
{
        const struct local_right *right = right_by_token(&transport.rights, fetch->token);
        struct far_call *call = fetch->call;
        core_call_t far = call->caller;
        call->state = FAR_CALL_EXECUTING;
        outcome_t outcome =
            far_call_start(call, right->handle, far, &fetch->message, fetch->memory);
        call->caller = far;
        if (outcome != OUTCOME_OK)
                call_refuse(call, outcome);
        right_release(&transport.rights, fetch->token);
}

void delivery_fetched(struct fetch *fetch)
{
        assert(fetch->kind != FETCH_ANSWER);
        if (fetch->kind == FETCH_REQUEST) {
                request_complete(fetch);
                return;
        }
        const struct local_right *right = right_by_token(&transport.rights, fetch->token);
        reply_deliver(right, &fetch->message, fetch->memory);
        right_release(&transport.rights, fetch->token);
}

void delivery_unfetched(struct fetch *fetch)
{
        assert(fetch->kind != FETCH_ANSWER);
        if (fetch->kind == FETCH_REQUEST) {
                if (fetch->call)
                        call_refuse(fetch->call, not_executed(fetch->reason));
        } else {
                const struct local_right *right = right_by_token(&transport.rights, fetch->token);
                rt_reply_outcome(right->handle, perhaps_executed(fetch->reason));
        }
        right_release(&transport.rights, fetch->token);
}

/* ---- their callers are gone ------------------------------------------------------------------ */

/* The call's session is lost. */
static void far_call_lost(struct far_call *call)
{
        if (call->state == FAR_CALL_ANSWERING)
                caps_release(&call->message);
        else if (call->state == FAR_CALL_FETCHING)
                fetch_call_gone(&transport.fetches, call);
        else
                far_call_abandon(call);
        far_call_end(&transport.far_calls, call);
}

void delivery_cancel(void *context, core_call_t far, enum reason reason)
{
        (void)context;
        struct far_call *call = far_call_of(&transport.far_calls, far);
        bool gone = reason != REASON_DEADLINE && reason != REASON_CANCELLED;
        if (gone)
                read_cancel(&transport.reads, far);
        if (!call)
                return;
        if (gone) {
                far_call_lost(call);
        } else if (call->state == FAR_CALL_FETCHING) {
                fetch_call_gone(&transport.fetches, call);
                call_refuse(call, not_executed(reason));
        } else if (call->state == FAR_CALL_EXECUTING && reason == REASON_CANCELLED) {
                rt_call_cancel(call->object);
        } else if (call->state == FAR_CALL_EXECUTING) {
                far_call_abandon(call);
                answer_empty(call, perhaps_executed(reason));
                far_call_keep(&transport.far_calls, call, transport.now);
        }
}

void deliveries_lost(uint8_t peer)
{
        /* What no caller waits for: one-way messages that their receivers have not taken. */
        for (unsigned i = 0; i < transport.far_calls.used; i++) {
                struct far_call *call = &transport.far_calls.pool[i];
                if (call->state != FAR_CALL_IDLE && call->peer == peer)
                        far_call_lost(call);
        }
}
