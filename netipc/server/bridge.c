/* Both directions of a message; see bridge.h. Every handle that comes in is sent on, kept in a
 * table, or closed, on each way out of each function. */
#include "netipc/server/bridge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "netipc/server/control.h"
#include "netipc/server/journal.h"
#include "netipc/server/names.h"
#include "servers/proto/node.h"

/* What a right must allow to cross: the copy is what comes home. */
enum { RIGHTS_NEEDED = RIGHT_SEND | RIGHT_TRAVEL | RIGHT_COPY };

/* ---- capabilities: kernel to core ------------------------------------------------------------ */

/* A right of our own port: a proxy, or our own service. */
static outcome_t own_to_core(const struct received_cap *cap, struct core_cap *out)
{
        if (!(cap->badge & BADGE_OTHER)) {
                *out = (struct core_cap){
                    .kind = CORE_CAP_IMPORT, .rights = cap->rights, .id = cap->badge};
                return OUTCOME_OK;
        }
        handle_t handle;
        uint64_t issues;
        outcome_t outcome =
            sys_right_issue(transport.server.port, cap->badge, cap->rights, &handle, &issues);
        if (outcome != OUTCOME_OK)
                return outcome;
        *out = (struct core_cap){
            .kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .rights = cap->rights};
        return right_hold(&transport.rights, handle, CAPABILITY_SEND, &out->id);
}

static outcome_t cap_to_core(struct received_cap *cap, struct core_cap *out)
{
        const uint16_t rights = cap->rights;
        if (cap->type == OBJECT_NONE) {
                *out = (struct core_cap){.kind = CORE_CAP_NONE, .reason = REASON_RECEIVER_DIED};
                return OUTCOME_OK;
        }
        if ((rights & RIGHTS_NEEDED) != RIGHTS_NEEDED)
                return not_executed(REASON_REFUSED);
        if (cap->type == OBJECT_PORT && cap->own)
                return own_to_core(cap, out);
        if (cap->type != OBJECT_RIGHT)
                return not_executed(REASON_REFUSED);
        handle_t handle = cap_take(cap);
        if (!handle)
                return not_executed(REASON_NO_MEMORY);
        *out = (struct core_cap){.kind = CORE_CAP_LOCAL, .type = CAPABILITY_SEND, .rights = rights};
        outcome_t outcome = right_hold(&transport.rights, handle, CAPABILITY_SEND, &out->id);
        /* A dead right arrives at the far end as one that says why. */
        if (outcome != OUTCOME_OK && outcome_reason(outcome) != REASON_NO_MEMORY) {
                *out = (struct core_cap){.kind = CORE_CAP_NONE,
                                         .reason = (uint16_t)outcome_reason(outcome)};
                return OUTCOME_OK;
        }
        return outcome;
}

static void caps_release(const struct core_message *message)
{
        for (unsigned i = 0; i < message->caps; i++)
                if (message->cap[i].kind == CORE_CAP_LOCAL)
                        right_release(&transport.rights, message->cap[i].id);
}

static outcome_t caps_to_core(struct received_cap *caps, unsigned count,
                              struct core_message *message)
{
        for (message->caps = 0; message->caps < count; message->caps++) {
                outcome_t outcome = cap_to_core(&caps[message->caps], &message->cap[message->caps]);
                if (outcome != OUTCOME_OK) {
                        caps_release(message);
                        return outcome;
                }
        }
        return OUTCOME_OK;
}

/* ---- capabilities: core to kernel ------------------------------------------------------------ */

handle_t bridge_proxy(core_import_t import, uint32_t rights)
{
        handle_t handle, port = transport.server.port;
        uint64_t issues;
        struct waiting_line *line = waiting_line(&transport.waiting, import);
        if (line)
                line->unheld = false;
        outcome_t outcome = sys_right_issue(port, import, rights, &handle, &issues);
        if (outcome_reason(outcome) == REASON_NOT_FOUND)
                outcome = sys_right_mint(port, import, rights | RIGHT_PROXY, &handle);
        return outcome == OUTCOME_OK ? handle : 0;
}

/* A right that is already dead and says why to whoever uses it. */
static handle_t dead_right(unsigned reason)
{
        handle_t handle;
        uint64_t badge = BADGE_DEAD | ++transport.last_dead;
        if (sys_right_mint(transport.server.port, badge, RIGHTS_ALL, &handle) != OUTCOME_OK)
                return 0;
        sys_right_revoke(transport.server.port, badge,
                         wire_reason_valid(reason) ? (enum reason)reason : REASON_REVOKED);
        return handle;
}

static handle_t cap_from_core(const struct core_cap *cap)
{
        const struct local_right *right;
        handle_t copy;
        switch (cap->kind) {
        case CORE_CAP_IMPORT:
                return bridge_proxy(cap->id, cap->rights);
        case CORE_CAP_LOCAL:
                right = right_by_token(&transport.rights, cap->id);
                if (right && sys_handle_copy(right->handle, cap->rights, &copy) == OUTCOME_OK)
                        return copy;
                return dead_right(REASON_RECEIVER_DIED);
        default:
                return dead_right(cap->reason);
        }
}

/* The core's message as one to be sent locally; its handles are moved with it. False: no memory for
 * the capabilities. */
static bool message_from_core(const struct core_message *from, struct message *to)
{
        *to = (struct message){.interface = from->interface,
                               .method = from->method,
                               .word_count = from->words,
                               .flags = from->idempotent ? MESSAGE_IDEMPOTENT : 0,
                               .set_priority = 1,
                               .priority = from->priority,
                               .trace = from->trace};
        memcpy(to->words, from->word, from->words * sizeof(to->words[0]));
        if (from->length) {
                to->buffers[0] = (struct message_buffer){(uint64_t)from->bytes, from->length};
                to->buffer_count = 1;
        }
        for (; to->cap_count < from->caps; to->cap_count++) {
                handle_t handle = cap_from_core(&from->cap[to->cap_count]);
                if (!handle)
                        break;
                to->caps[to->cap_count] = cap_move(handle);
        }
        if (to->cap_count == from->caps)
                return true;
        while (to->cap_count)
                sys_handle_close(to->caps[--to->cap_count].handle);
        return false;
}

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
        if (outcome != OUTCOME_OK)
                return outcome;
        struct waiting *waiting = &transport.waiting;
        if (!waiting_line(waiting, request->badge) &&
            core_ready(transport.core, request->badge, &message))
                outcome = bridge_begin(request->badge, request->reply, &message);
        else if (!waiting_add(waiting, request->badge, request->reply, &message))
                outcome = not_executed(REASON_OVERLOADED);
        if (outcome != OUTCOME_OK)
                caps_release(&message);
        else if (request->reply)
                outcome = RT_DEFERRED;
        return outcome;
}

static void ping_complete(const struct pending_call *call, outcome_t outcome)
{
        if (outcome_class(outcome) == OUTCOME_ANSWERED)
                node_ping_reply(call->reply, rt_now() - call->started);
        else
                rt_reply_outcome(call->reply, outcome);
}

/* Answers a local caller with the far answer; returns whether its capabilities were taken. */
static bool reply_from_core(handle_t reply, outcome_t outcome, const struct core_message *from)
{
        struct message message;
        /* For whoever collects the call, BUSY would mean that it is still in progress. */
        if (outcome == not_executed(REASON_BUSY))
                outcome = not_executed(REASON_OVERLOADED);
        if (!from) {
                rt_reply_outcome(reply, outcome);
                return false;
        }
        if (!message_from_core(from, &message)) {
                rt_reply_outcome(reply, perhaps_executed(REASON_NO_MEMORY));
                return false;
        }
        message.outcome = outcome;
        message.set_priority = 0;
        rt_reply(reply, &message);
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
        if (ended.kind != PENDING_PING)
                return reply_from_core(ended.reply, outcome, from);
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
        else if (!(badge & BADGE_OTHER))
                core_import_drop(transport.core, badge);
}

/* ---- far to local ---------------------------------------------------------------------------- */

static outcome_t far_call_start(struct far_call *call, handle_t right, core_call_t far,
                                const struct core_message *from)
{
        struct message message;
        struct arrival space;
        if (!message_from_core(from, &message))
                return not_executed(REASON_NO_MEMORY);
        if (from->length) {
                memcpy(call->request, from->bytes, from->length);
                message.buffers[0].address = (uint64_t)call->request;
        }
        if (!far)
                message.flags |= MESSAGE_ONE_WAY;
        for (unsigned i = 0; i < message.cap_count; i++)
                call->moved[call->moved_count++] = message.caps[i].handle;
        call->caller = far;
        arrival_prepare(&space, call->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        return rt_call_start(right, call->object, from->deadline, &message, &space);
}

static bool room(void *context, uint64_t token, uint8_t peer, uint32_t bytes)
{
        (void)context;
        return far_call_room(&transport.far_calls, peer, token, bytes);
}

static outcome_t deliver(void *context, uint64_t token, enum wire_capability_kind type,
                         core_call_t far, const struct core_message *from)
{
        (void)context;
        struct local_right *right = right_by_token(&transport.rights, token);
        if (!right || type != CAPABILITY_SEND)
                return not_executed(REASON_REFUSED);
        struct far_call *call =
            far_call_take(&transport.far_calls, from->peer, token, from->length);
        if (!call)
                return not_executed(REASON_OVERLOADED);
        outcome_t outcome = far_call_start(call, right->handle, far, from);
        if (outcome != OUTCOME_OK) { /* what was to be moved is closed */
                far_call_ended(call, true);
                far_call_end(&transport.far_calls, call);
        }
        return outcome;
}

/* How long an answer waits for room in the core, which its peer makes by taking others. */
#define ANSWER_PATIENCE (30 * RT_SECOND)

static void answer_empty(struct far_call *call, outcome_t outcome)
{
        call->outcome = outcome;
        call->message = (struct core_message){.deadline = CORE_NEVER};
}

/* An answer with these capabilities; its bytes are in the call's buffer. */
static void answer_make(struct far_call *call, outcome_t outcome, struct arrival *arrival)
{
        struct core_message *message = &call->message;
        *message = (struct core_message){.interface = arrival->interface,
                                         .method = arrival->method,
                                         .words = arrival->word_count,
                                         .length = (uint32_t)arrival->bytes,
                                         .bytes = call->answer,
                                         .deadline = CORE_NEVER};
        memcpy(message->word, arrival->words, arrival->word_count * sizeof(message->word[0]));
        outcome_t carried = caps_to_core(arrival->caps, arrival->cap_count, message);
        call->outcome = outcome;
        if (carried != OUTCOME_OK)
                answer_empty(call, perhaps_executed(outcome_reason(carried)));
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

void bridge_far_call_done(unsigned place)
{
        struct far_call *call = &transport.far_calls.pool[place];
        struct arrival arrival;
        if (call->state != FAR_CALL_EXECUTING)
                return; /* given up meanwhile */
        arrival_prepare(&arrival, call->answer, MESSAGE_BYTES_MAX, MESSAGE_CAPS);
        outcome_t outcome = rt_call_finish(call->object, &arrival);
        far_call_ended(call, outcome_class(outcome) != OUTCOME_NOT_EXECUTED);
        if (call->caller)
                answer_make(call, outcome, &arrival);
        arrival_drop(&arrival);
        if (!call->caller || answer_give(call))
                far_call_end(&transport.far_calls, call);
        else
                far_call_keep(&transport.far_calls, call, transport.now);
}

void bridge_work(void)
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
        if (calls->wanted) {
                calls->wanted = false;
                core_resume(transport.core, transport.now);
        }
        waiting_retry(&transport.waiting);
}

/* The call's session is lost. */
static void far_call_lost(struct far_call *call)
{
        if (call->state == FAR_CALL_ANSWERING)
                caps_release(&call->message);
        else
                far_call_abandon(call);
        far_call_end(&transport.far_calls, call);
}

static void cancel(void *context, core_call_t far, enum reason reason)
{
        (void)context;
        struct far_call *call = far_call_of(&transport.far_calls, far);
        if (!call)
                return;
        if (reason != REASON_DEADLINE && reason != REASON_CANCELLED) {
                far_call_lost(call);
        } else if (call->state == FAR_CALL_EXECUTING && reason == REASON_CANCELLED) {
                rt_call_cancel(call->object);
        } else if (call->state == FAR_CALL_EXECUTING) {
                far_call_abandon(call);
                answer_empty(call, perhaps_executed(reason));
                far_call_keep(&transport.far_calls, call, transport.now);
        }
}

/* ---- references ------------------------------------------------------------------------------ */

static void right_drop(void *context, uint64_t token)
{
        (void)context;
        right_release(&transport.rights, token);
}

static uint64_t import_right(void *context, core_import_t import)
{
        (void)context;
        uint64_t token;
        handle_t handle = bridge_proxy(import, RIGHTS_ALL);
        if (!handle || right_hold(&transport.rights, handle, CAPABILITY_SEND, &token) != OUTCOME_OK)
                return 0;
        return token;
}

static void import_dead(void *context, core_import_t import, enum reason reason)
{
        (void)context;
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
        /* main() has seen that there is a source; then up to 256 bytes never fail. */
        if (getrandom(bytes, length, 0) != (ssize_t)length)
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
        control_peer_up();
}

static void peer_down(void *context, const struct core_peer_info *peer)
{
        (void)context;
        transport.far_calls.peers_up--;
        /* What no caller waits for: one-way messages that their receivers have not taken. */
        for (unsigned i = 0; i < transport.far_calls.used; i++) {
                struct far_call *call = &transport.far_calls.pool[i];
                if (call->state != FAR_CALL_IDLE && call->peer == peer->slot)
                        far_call_lost(call);
        }
        names_changed();
}

const struct core_environment bridge_environment = {
    .transmit = transmit,
    .random = random_bytes,
    .allocate = allocate,
    .release = release,
    .room = room,
    .deliver = deliver,
    .cancel = cancel,
    .complete = complete,
    .right_drop = right_drop,
    .import_right = import_right,
    .import_dead = import_dead,
    .peer_up = peer_up,
    .peer_down = peer_down,
    .log = log_line,
};
