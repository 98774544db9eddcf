/* The serving side; see served.h. A message is executed only when all of it was checked, and its
 * slot is EXECUTING before the environment hears of it. */
#include "netipc/core/served.h"
#include "netipc/core/exports.h"
#include "netipc/core/message.h"
#include "netipc/core/queues.h"
#include "netipc/core/session.h"
#include "netipc/core/steps.h"

static struct served_slot *slot_of(struct session *session, const struct wire_msg *header)
{
        return &session->served[wire_call_slot(header->call)];
}

/* core_call_t: sequence (24) | session serial (16) | peer slot (8) | slot (16). */
static core_call_t call_of(const struct session *session, unsigned slot)
{
        return session->served[slot].sequence << 40 | (uint64_t)(session->serial & 0xffff) << 24 |
               (uint64_t)session->peer->slot << 16 | slot;
}

void served_init(struct session *session)
{
        for (unsigned slot = 0; slot < session->call_count; slot++)
                session->served[slot].out.content = session->served[slot].out.small;
}

static bool expects_answer(const struct wire_msg *header)
{
        return !(header->flags & (MSG_FLAG_ONEWAY | MSG_FLAG_VOID));
}

static void slot_idle(struct session *session, struct served_slot *served)
{
        core_assert(!served->out.active);
        core_assert(session->served_used > 0);
        served_step(served, SERVED_ON_FINISH);
        session->served_used--;
}

/* --- answers --------------------------------------------------------------------------------- */

static outcome_t answer(struct session *session, uint16_t slot, outcome_t outcome,
                        const struct core_message *message)
{
        struct served_slot *served = &session->served[slot];
        const struct wire_msg *call = &served->in.header;
        core_assert(wire_call_sequence(call->call) == served->sequence);
        outcome_t filled = outgoing_fill(session, &served->out, message);
        core_assert(!filled || message);
        if (filled)
                return filled;
        struct wire_msg *header = &served->out.header;
        header->flags |= MSG_FLAG_REPLY;
        header->outcome = outcome;
        header->call = wire_call_id(slot, served->sequence);
        header->priority = call->priority;
        header->trace = call->trace;
        header->interface = call->interface;
        header->method = call->method;
        served->out.deadline = CORE_NEVER;
        served_step(served, SERVED_ON_ANSWER);
        outgoing_start(session, slot | REPLY_REF);
        return OUTCOME_OK;
}

outcome_t served_reply(struct core *core, core_call_t call, outcome_t outcome,
                       const struct core_message *message)
{
        unsigned peer = call >> 16 & 0xff;
        uint16_t slot = (uint16_t)call;
        struct session *session = peer < core->config.peers ? core->peers[peer].session : NULL;
        if (!session || slot >= session->call_count || call_of(session, slot) != call ||
            session->served[slot].state != SERVED_EXECUTING)
                return not_executed(REASON_BAD_HANDLE);
        session->touched = true;
        return answer(session, slot, outcome, message);
}

void served_acked(struct session *session, uint16_t slot)
{
        core_assert(session->served[slot].state == SERVED_REPLYING);
        slot_idle(session, &session->served[slot]);
}

/* --- execution ------------------------------------------------------------------------------- */

static const uint8_t *content_of(const struct incoming *in)
{
        return in->content ? in->content : (const uint8_t *)"";
}

/* The message is not executed: gives its capabilities back, and answers. */
static bool refuse(struct session *session, const struct incoming *in, const uint8_t *content,
                   outcome_t outcome)
{
        struct core_message message;
        if (!message_read(session, in, content, &message))
                return false;
        message_unwanted(session, &message);
        if (expects_answer(&in->header))
                answer(session, (uint16_t)wire_call_slot(in->header.call), outcome, NULL);
        return true;
}

static uint64_t token_of(const struct session *session, const struct exported *export)
{
        bool root = export == &session->exports[WIRE_ROOT_EXPORT];
        return root ? session->core->root : export->token;
}

/* Whether the environment can take the message. What it will not get needs no room. */
static bool has_room(struct session *session, const struct exported *export,
                     const struct incoming *in)
{
        const struct core_environment *environment = &session->core->environment;
        const struct served_slot *served = slot_of(session, &in->header);
        uint64_t token = token_of(session, export);
        if (in->header.flags & MSG_FLAG_VOID || export->state == EXPORT_DEAD || !token)
                return true;
        if (expects_answer(&in->header) && served->cancelled == served->sequence)
                return true;
        return environment->room(environment->context, token, session->peer->slot,
                                 in->header.total);
}

static outcome_t deliver(struct session *session, const struct exported *export, core_call_t call,
                         const struct core_message *message)
{
        struct core *core = session->core;
        uint64_t token = token_of(session, export);
        if (token == 0)
                return not_executed(REASON_RECEIVER_DIED);
        return core->environment.deliver(core->environment.context, token, export->type, call,
                                         message);
}

/* A complete message whose turn it is. False on a protocol error. */
static bool execute(struct session *session, uint16_t id, const struct incoming *in,
                    const uint8_t *content)
{
        struct exported *export = &session->exports[id];
        struct served_slot *served = slot_of(session, &in->header);
        if (in->header.flags & MSG_FLAG_VOID)
                return true;
        bool call = expects_answer(&in->header);
        if (export->state == EXPORT_DEAD)
                return refuse(session, in, content, not_executed(export->reason));
        if (call && served->cancelled == served->sequence)
                return refuse(session, in, content, not_executed(served->cancel_reason));
        struct core_message message;
        if (!message_read(session, in, content, &message))
                return false;
        uint16_t slot = (uint16_t)wire_call_slot(in->header.call);
        if (call)
                served_step(served, SERVED_ON_EXECUTE);
        outcome_t refused = deliver(session, export, call ? call_of(session, slot) : 0, &message);
        if (refused)
                message_unwanted(session, &message);
        else
                message_handed(session, &message);
        if (refused && call)
                answer(session, slot, refused, NULL);
        if (!refused && !call && export->type == CAPABILITY_REPLY)
                export_consume(session, id);
        return true;
}

/* --- order ----------------------------------------------------------------------------------- */

/* Since a held message has arrived, the peer may give back the rights of ours that it brings home:
 * each counts as one more reference until the message is executed. */
static bool homes_keep(struct session *session, const struct incoming *in)
{
        const uint8_t *at = content_of(in) + in->header.words * 8u;
        for (unsigned i = 0; i < in->header.caps; i++, at += sizeof(struct wire_capability)) {
                struct wire_capability cap;
                if (wire_capability_decode(at, &cap) || cap.kind != CAPABILITY_HOME)
                        continue;
                struct exported *export = export_named(session, cap.export_id, cap.generation);
                if (!export)
                        return false;
                export->count += cap.export_id != WIRE_ROOT_EXPORT;
        }
        return true;
}

static void homes_release(struct session *session, const struct incoming *in)
{
        const uint8_t *at = content_of(in) + in->header.words * 8u;
        for (unsigned i = 0; i < in->header.caps; i++, at += sizeof(struct wire_capability)) {
                struct wire_capability cap;
                if (wire_capability_decode(at, &cap) == WIRE_OK && cap.kind == CAPABILITY_HOME)
                        export_release(session, cap.export_id, cap.generation, 1);
        }
}

static void held_free(struct session *session, struct held *held)
{
        core_assert(session->held_count > 0);
        incoming_free(session, &held->message);
        core_release(session->core, held);
        session->held_count--;
}

static struct held *held_take(struct exported *export)
{
        struct held *held = export->held;
        if (held)
                export->held = held->next;
        return held;
}

/* Executes the held messages whose turn has come. */
static bool held_drain(struct session *session, uint16_t id)
{
        struct exported *export = &session->exports[id];
        bool good = true;
        while (good && export->held && export->held->message.header.order == export->next_order) {
                if (!has_room(session, export, &export->held->message)) {
                        queue_push_stalled(session, id);
                        return true;
                }
                struct held *held = held_take(export);
                export->next_order = order_after(export->next_order);
                good = execute(session, id, &held->message, content_of(&held->message));
                homes_release(session, &held->message);
                held_free(session, held);
        }
        export_settle(session, id);
        return good;
}

static void refuse_held(struct session *session, struct held *held)
{
        bool empty = held->message.header.flags & MSG_FLAG_VOID;
        if (!empty && !refuse(session, &held->message, content_of(&held->message),
                              not_executed(held->reason)))
                session_fail(session, "a held message is malformed");
        homes_release(session, &held->message);
        held_free(session, held);
}

/* A refused message may have held the last reference of another right, for which others are held,
 * and so on: they line up in one list, which the outermost call works off. */
void served_fail_held(struct session *session, struct exported *export, enum reason reason)
{
        struct held *held, **end = &session->doomed;
        core_assert(export->state == EXPORT_DEAD && reason);
        while (*end)
                end = &(*end)->next;
        *end = export->held;
        export->held = NULL;
        for (held = *end; held; held = held->next)
                held->reason = (uint16_t)reason;
        if (session->dooming)
                return;
        session->dooming = true;
        while ((held = session->doomed)) {
                session->doomed = held->next;
                refuse_held(session, held);
        }
        session->dooming = false;
        core_assert(!session->doomed);
}

void served_drop_held(struct session *session, struct exported *export)
{
        struct held *held;
        while ((held = held_take(export)))
                held_free(session, held);
}

/* Puts a complete message aside, in its place among the others: until those before it have come, or
 * until there is room. */
static int hold(struct session *session, struct exported *export, struct served_slot *served,
                const uint8_t *content)
{
        struct incoming *in = &served->in;
        struct held **link = &export->held;
        core_assert(served->state == SERVED_RECEIVING && in->header.order);
        while (*link && order_before((*link)->message.header.order, in->header.order))
                link = &(*link)->next;
        if (*link && (*link)->message.header.order == in->header.order)
                return incoming_bad(session, "two messages with one order number");
        if (session->held_count >= session->call_count)
                return INCOMING_RETRY;
        struct held *held = core_allocate(session->core, sizeof(*held));
        if (!held)
                return INCOMING_RETRY;
        if (!incoming_keep(session, in, content)) {
                core_release(session->core, held);
                return INCOMING_RETRY;
        }
        held->message = *in;
        in->content = NULL;
        held->next = *link;
        *link = held;
        session->held_count++;
        core_assert(session->held_count <= session->call_count);
        if (!homes_keep(session, &held->message))
                return incoming_bad(session, "passes home a right that it does not hold");
        if (expects_answer(&held->message.header))
                served_step(served, SERVED_ON_HOLD);
        else
                slot_idle(session, served);
        return INCOMING_COMPLETE;
}

void served_resume(struct session *session)
{
        uint16_t id, last = session->stalled.tail;
        session->touched |= session->stalled.head != NO_INDEX;
        while (!session->failed && (id = queue_pop_stalled(session)) != NO_INDEX) {
                if (!held_drain(session, id))
                        session_fail(session, "protocol error in a held message");
                if (id == last)
                        break;
        }
}

/* --- arrival --------------------------------------------------------------------------------- */

static int message_complete(struct session *session, struct served_slot *served,
                            const uint8_t *content)
{
        const struct wire_msg *header = &served->in.header;
        core_assert(served->state == SERVED_RECEIVING);
        core_assert(wire_call_sequence(header->call) == served->sequence);
        struct exported *export = export_named(session, header->export_id, header->generation);
        if (!export)
                return incoming_bad(session, "a message to an export that it does not hold");
        uint16_t id = (uint16_t)header->export_id;
        bool ordered = header->order && export->state == EXPORT_LIVE && !break_reorder();
        if (ordered && order_before(export->next_order, header->order))
                return hold(session, export, served, content);
        if (ordered && header->order != export->next_order && !break_duplicate())
                return incoming_bad(session, "an order number was used before");
        if (!has_room(session, export, &served->in)) {
                if (!ordered || header->order != export->next_order)
                        return INCOMING_RETRY;
                queue_push_stalled(session, id);
                return hold(session, export, served, content);
        }
        if (ordered && header->order == export->next_order)
                export->next_order = order_after(header->order);
        struct incoming in = served->in;
        served->in.content = NULL;
        if (!expects_answer(header))
                slot_idle(session, served);
        bool good = execute(session, id, &in, content);
        incoming_free(session, &in);
        return good && held_drain(session, id) ? INCOMING_COMPLETE : INCOMING_BAD;
}

/* Gets the slot ready for a new sequence number. False if it is still in use. */
static bool slot_begin(struct session *session, struct served_slot *served, uint64_t sequence)
{
        if (served->state == SERVED_REPLYING) {
                outgoing_end(session, &served->out);
                slot_idle(session, served);
        }
        if (served->state != SERVED_IDLE)
                return false;
        served_step(served, SERVED_ON_BEGIN);
        served->sequence = sequence;
        session->served_used++;
        core_assert(!served->out.active && session->served_used <= session->call_count);
        return true;
}

static bool is_duplicate(const struct served_slot *served, uint64_t sequence)
{
        if (sequence < served->sequence)
                return true;
        return sequence == served->sequence && served->state != SERVED_RECEIVING;
}

int served_frame(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        const struct wire_msg *header = &frame->msg;
        uint64_t sequence = wire_call_sequence(header->call);
        if (wire_call_slot(header->call) >= session->call_count)
                return incoming_bad(session, "a call slot that was not offered");
        struct served_slot *served = slot_of(session, header);
        bool whole = header->offset == 0 && header->flags & MSG_FLAG_LAST;
        bool repeat = break_duplicate() && whole && sequence == served->sequence &&
                      (served->state == SERVED_IDLE || served->state == SERVED_REPLYING);
        if (is_duplicate(served, sequence) && !repeat)
                return INCOMING_MORE;
        if ((sequence > served->sequence || repeat) && !slot_begin(session, served, sequence))
                return incoming_bad(session, "a slot is used again before its call has ended");
        const uint8_t *content;
        if (header->flags & MSG_FLAG_VOID)
                incoming_free(session, &served->in);
        int result = incoming_add(session, &served->in, frame, now, &content);
        return result == INCOMING_COMPLETE ? message_complete(session, served, content) : result;
}

void served_cancel(struct session *session, unsigned slot, uint64_t sequence, enum reason reason)
{
        struct served_slot *served = &session->served[slot];
        core_assert(slot < session->call_count && reason);
        if (sequence < served->sequence || sequence < served->cancelled)
                return; /* late */
        bool again = served->cancelled == sequence && served->cancel_reason == reason;
        served->cancelled = sequence;
        served->cancel_reason = (uint16_t)reason;
        if (!again && sequence == served->sequence && served->state == SERVED_EXECUTING)
                session->core->environment.cancel(session->core->environment.context,
                                                  call_of(session, slot), reason);
}

void served_drop(struct session *session, enum reason reason)
{
        core_assert(reason);
        for (unsigned slot = 0; slot < session->call_count; slot++) {
                struct served_slot *served = &session->served[slot];
                if (served->state == SERVED_EXECUTING)
                        session->core->environment.cancel(session->core->environment.context,
                                                          call_of(session, slot), reason);
                incoming_free(session, &served->in);
                if (served->out.active && served->out.content != served->out.small)
                        core_release(session->core, served->out.content);
                served->out.active = false;
                served->state = SERVED_IDLE;
        }
}
