/* Messages of programs here to other nodes, and their answers; deliveries.c has the other way.
 *
 *      bridge_request ──► the core ──► complete ──► the caller
 *            └──► waiting.c ──┘            └──► fetches.c ──► fetch_complete ──► the caller
 *
 * Every handle that comes in is sent on, kept in a table, or closed, on each way out of each
 * function. */
#include "netipc/server/bridge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "netipc/server/capabilities.h"
#include "netipc/server/deliveries.h"
#include "netipc/server/gather.h"
#include "netipc/server/journal.h"
#include "netipc/server/members.h"
#include "netipc/server/names.h"
#include "servers/proto/node.h"

/* ---- local to far ---------------------------------------------------------------------------- */

/* Hands a message to the core. What is not accepted, it has not taken. */
static outcome_t bridge_begin(core_import_t import, handle_t reply,
                              const struct core_message *message)
{
        if (!reply)
                return core_send(transport.core, import, message, transport.now);
        struct pending_call *call = pending_add(&transport.pending, PENDING_CALL, reply);
        if (!call)
                return not_executed(REASON_OVERLOADED);
        outcome_t outcome =
            core_call(transport.core, import, message, pending_cookie(&transport.pending, call),
                      &call->core_handle, transport.now);
        if (outcome != OUTCOME_OK)
                pending_remove(&transport.pending, call);
        return outcome;
}

void waiting_begin(core_import_t import, handle_t reply, const struct core_message *message)
{
        outcome_t outcome = bridge_begin(import, reply, message);
        if (outcome == OUTCOME_OK)
                return;
        caps_release(message);
        if (reply)
                rt_reply_outcome(reply, outcome);
}

/* Hands a message to the core, or lets it wait for its turn. What fails gives its capabilities
 * back. */
static outcome_t begin_in_turn(core_import_t import, handle_t reply,
                               const struct core_message *message)
{
        struct waiting *waiting = &transport.waiting;
        outcome_t outcome = OUTCOME_OK;
        if (!waiting_line(waiting, import) && core_ready(transport.core, import, message))
                outcome = bridge_begin(import, reply, message);
        else if (!waiting_add(waiting, import, reply, message))
                outcome = not_executed(REASON_OVERLOADED);
        if (outcome != OUTCOME_OK)
                caps_release(message);
        return outcome;
}

outcome_t bridge_request(struct request *request)
{
        struct core_message message = {.interface = request->interface,
                                       .method = request->method,
                                       .words = request->word_count,
                                       .priority = request->priority,
                                       .idempotent = request->idempotent,
                                       .length = (uint32_t)request->byte_count,
                                       .bytes = request->bytes,
                                       .trace = request->trace,
                                       .deadline = request->deadline};
        memcpy(message.word, request->words, request->word_count * sizeof(message.word[0]));
        outcome_t outcome = caps_to_core(request->caps, request->cap_count, &message);
        if (outcome == OUTCOME_OK)
                outcome = begin_in_turn(request->badge, request->reply, &message);
        return outcome == OUTCOME_OK && request->reply ? RT_DEFERRED : outcome;
}

static void ping_complete(const struct pending_call *call, outcome_t outcome)
{
        if (outcome_class(outcome) == OUTCOME_ANSWERED)
                node_ping_reply(call->reply, rt_now() - call->started);
        else
                rt_reply_outcome(call->reply, outcome);
}

/* Answers a local caller with the far answer; returns whether its capabilities were taken. */
static bool reply_from_core(handle_t reply, outcome_t outcome, const struct core_message *from,
                            const handle_t *memory)
{
        struct message message;
        /* For whoever collects the call, BUSY would mean that it is still in progress. */
        if (outcome == not_executed(REASON_BUSY))
                outcome = not_executed(REASON_OVERLOADED);
        if (!from) {
                rt_reply_outcome(reply, outcome);
                return false;
        }
        if (!message_from_core(from, memory, &message)) {
                rt_reply_outcome(reply, perhaps_executed(REASON_NO_MEMORY));
                return false;
        }
        message.outcome = outcome;
        message.set_priority = 0;
        /* Where more is under way, whoever is answered runs before the transport goes on
         * (gather.h). */
        if (transport.pending.under_way || gather_wanted()) {
                rt_reply(reply, &message);
                gather_want();
        } else {
                rt_server_reply(&transport.server, reply, &message);
        }
        return true;
}

/* The same, once its snapshots are here. */
static bool answer_take(handle_t reply, outcome_t outcome, const struct core_message *from)
{
        if (!from || !fetch_needed(from))
                return reply_from_core(reply, outcome, from, NULL);
        struct fetch *fetch = fetch_new(&transport.fetches, FETCH_ANSWER, from);
        if (!fetch) {
                rt_reply_outcome(reply, perhaps_executed(REASON_NO_MEMORY));
                return false;
        }
        fetch->reply = reply;
        fetch->outcome = outcome;
        return true;
}

static bool complete(void *context, uint64_t cookie, outcome_t outcome,
                     const struct core_message *from)
{
        (void)context;
        struct pending_call *call = pending_find(&transport.pending, cookie);
        if (!call)
                return false;
        const struct pending_call ended = *call;
        pending_remove(&transport.pending, call);
        if (ended.kind == PENDING_READ) {
                if (ended.fetch)
                        fetch_arrived(ended.fetch, outcome, from);
                return false;
        }
        if (ended.kind != PENDING_PING)
                return answer_take(ended.reply, outcome, from);
        ping_complete(&ended, outcome);
        return false;
}

void bridge_cancel(handle_t reply)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        struct core_message message;
        struct pending_call *call = pending_by_reply(&transport.pending, reply);
        if (waiting_take(&transport.waiting, reply, &message)) {
                caps_release(&message);
                rt_reply_outcome(reply, not_executed(REASON_CANCELLED));
        }
        if (!call)
                return;
        /* Whoever only cancelled still waits for the outcome; otherwise the reply right is dead. */
        if (sys_handle_info(reply, &type, &rights, &identity) == OUTCOME_OK)
                core_cancel(transport.core, call->core_handle, transport.now);
        else
                core_abandon(transport.core, call->core_handle, transport.now);
}

void bridge_no_senders(uint64_t badge)
{
        struct waiting_line *line = waiting_line(&transport.waiting, badge);
        if (line)
                line->unheld = true;
        else if (!(badge & BADGE_OTHER) && !fetch_brings(&transport.fetches, badge))
                core_import_drop(transport.core, badge);
}

/* ---- snapshots are here ---------------------------------------------------------------------- */

void fetch_complete(struct fetch *fetch)
{
        if (fetch->kind == FETCH_ANSWER)
                reply_from_core(fetch->reply, fetch->outcome, &fetch->message, fetch->memory);
        else
                delivery_fetched(fetch);
}

void fetch_failed(struct fetch *fetch)
{
        if (fetch->kind == FETCH_ANSWER)
                rt_reply_outcome(fetch->reply, perhaps_executed(fetch->reason));
        else
                delivery_unfetched(fetch);
}

void bridge_reply_done(unsigned place)
{
        struct core_message message;
        struct arrival arrival;
        outcome_t outcome;
        core_import_t import = reply_answered(&transport.replies, place, &outcome, &arrival);
        if (!import)
                return;
        message.outcome = answer_to_core(&message, outcome, &arrival);
        arrival_drop(&arrival);
        outcome = begin_in_turn(import, 0, &message);
        if (outcome != OUTCOME_OK) {
                message = (struct core_message){
                    .outcome = perhaps_executed(outcome_reason(outcome)), .deadline = CORE_NEVER};
                begin_in_turn(import, 0, &message);
        }
        bridge_no_senders(import);
}

void bridge_settle(void)
{
        replies_end(&transport.replies, 0);
}

void bridge_work(void)
{
        bridge_settle();
        reads_work(&transport.reads);
        fetches_work(&transport.fetches);
        deliveries_work();
        waiting_retry(&transport.waiting);
        events_work(&transport.events);
}

/* ---- references ------------------------------------------------------------------------------ */

static void right_drop(void *context, uint64_t token)
{
        struct local_right *right = right_by_token(&transport.rights, token);
        (void)context;
        if (right && right->type == CAPABILITY_REPLY && right->references == 1) {
                reply_unused(&transport.replies, right->handle);
                right->handle = 0;
        }
        right_release(&transport.rights, token);
}

static unsigned death_of_right(void *context, uint64_t token)
{
        (void)context;
        enum reason death = right_death(&transport.rights, token);
        return death && !wire_reason_valid(death) ? REASON_REVOKED : death;
}

static uint64_t import_right(void *context, core_import_t import)
{
        (void)context;
        uint64_t token;
        handle_t handle = import_stand_in(import);
        uint8_t type =
            event_stands_for(&transport.events, import) ? CAPABILITY_EVENT : CAPABILITY_SEND;
        if (!handle || right_hold(&transport.rights, handle, type, &token) != OUTCOME_OK)
                return 0;
        return token;
}

static void import_dead(void *context, core_import_t import, enum reason reason)
{
        (void)context;
        reply_lost(&transport.replies, import);
        event_lost(&transport.events, import);
        fetch_import_lost(&transport.fetches, import, reason);
        sys_right_revoke(transport.server.port, import, reason);
}

static void right_died(uint64_t token, enum reason reason)
{
        core_export_dead(transport.core, token, reason);
}

bool bridge_rights_check(void)
{
        return rights_check(&transport.rights, right_died);
}

/* ---- the rest of the environment ------------------------------------------------------------- */

static void transmit(void *context, struct core_address to, const void *packet, size_t length)
{
        (void)context;
        link_send(&transport.link, to.ipv4, to.port, packet, length, transport.now);
}

static void random_bytes(void *context, void *bytes, size_t length)
{
        (void)context;
        /* What it is for only has to differ from others. main() has seen that there is a source;
         * then up to 256 bytes never fail. */
        if (getrandom(bytes, length, GRND_INSECURE) != (ssize_t)length)
                abort();
}

static void *allocate(void *context, size_t size)
{
        (void)context;
        return malloc(size);
}

static void release(void *context, void *memory)
{
        (void)context;
        free(memory);
}

static void log_line(void *context, enum core_log level, const char *peer, const char *text,
                     const char *what, uint64_t value)
{
        char number[48] = "";
        (void)context;
        if (*what)
                snprintf(number, sizeof number, " (%s 0x%llx)", what, (unsigned long long)value);
        journal("%s%s%s%s%s", level == CORE_LOG_WARNING ? "warning: " : "", peer, *peer ? ": " : "",
                text, number);
}

static void peer_up(void *context, const struct core_peer_info *peer)
{
        (void)context;
        (void)peer;
        transport.far_calls.peers_up++;
        names_changed();
        members_changed();
}

static void peer_down(void *context, const struct core_peer_info *peer)
{
        (void)context;
        transport.far_calls.peers_up--;
        replies_end(&transport.replies, peer->reason);
        deliveries_lost(peer->slot);
        names_changed();
        members_changed();
}

const struct core_environment bridge_environment = {
    .transmit = transmit,
    .random = random_bytes,
    .allocate = allocate,
    .release = release,
    .room = delivery_room,
    .deliver = delivery_take,
    .cancel = delivery_cancel,
    .complete = complete,
    .right_drop = right_drop,
    .right_death = death_of_right,
    .import_right = import_right,
    .import_dead = import_dead,
    .peer_up = peer_up,
    .peer_down = peer_down,
    .log = log_line,
};
