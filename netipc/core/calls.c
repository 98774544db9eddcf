/* The calling side; see calls.h. */
#include "netipc/core/calls.h"
#include "netipc/core/imports.h"
#include "netipc/core/message.h"
#include "netipc/core/queues.h"
#include "netipc/core/steps.h"

/* core_handle_t: sequence (32) | peer slot (8) | session serial (8) | slot (16). */
static core_handle_t handle_of(const struct session *session, uint16_t slot)
{
        return session->calls[slot].sequence << 32 | (uint64_t)session->peer->slot << 24 |
               (uint64_t)(session->serial & 0xff) << 16 | slot;
}

void calls_init(struct session *session)
{
        core_assert(session->call_count > 0 && session->call_count <= CALL_SLOTS_MAX);
        session->calls_free = NO_INDEX;
        for (unsigned slot = session->call_count; slot-- > 0;) {
                session->calls[slot].next = session->calls_free;
                session->calls[slot].out.content = session->calls[slot].out.small;
                session->calls_free = (uint16_t)slot;
        }
        session->calls_deadline = CORE_NEVER;
        core_assert(session->calls_free == 0 && session->calls_used == 0);
}

static void slot_free(struct session *session, uint16_t slot, enum call_event event)
{
        struct call_slot *call = &session->calls[slot];
        struct imported *target = &session->imports[call->out.header.export_id];
        core_assert(!call->out.active && !call->in.content);
        core_assert(session->calls_used > 0 && target->calls > 0);
        call_step(call, event);
        core_assert(call->state == CALL_FREE);
        session->calls_used--;
        target->calls--;
        if (call->cancel_queued)
                return; /* freed when it leaves the CANCEL queue, which uses its link */
        call->next = session->calls_free;
        session->calls_free = slot;
}

static bool complete(struct session *session, const struct call_slot *call, outcome_t outcome,
                     const struct core_message *message)
{
        const struct core_environment *environment = &session->core->environment;
        return environment->complete(environment->context, call->cookie, outcome, message);
}

bool call_ready(const struct session *session, uint16_t import, const struct core_message *message)
{
        unsigned most = session->call_count - session->call_count / 4u;
        return session->calls_free != NO_INDEX && session->imports[import].calls < most &&
               outgoing_has_room(session, message);
}

outcome_t call_begin(struct session *session, uint16_t import, const struct core_message *message,
                     bool oneway, uint64_t cookie, core_handle_t *handle)
{
        uint16_t slot = session->calls_free;
        if (slot == NO_INDEX)
                return not_executed(REASON_OVERLOADED);
        struct call_slot *call = &session->calls[slot];
        struct imported *target = &session->imports[import];
        core_assert(call->state == CALL_FREE && !call->cancel_queued);
        core_assert(target->generation && !target->reason);
        outcome_t filled = outgoing_fill(session, &call->out, message);
        if (filled)
                return filled;
        session->calls_free = call->next;
        session->calls_used++;
        target->calls++;
        call->sequence++;
        call->cookie = cookie;
        call_step(call, oneway ? CALL_ON_SEND : CALL_ON_CALL);
        call->cancel_reason = 0;
        struct wire_msg *header = &call->out.header;
        header->flags |= oneway ? MSG_FLAG_ONEWAY : 0;
        header->outcome = oneway ? message->outcome : 0;
        header->call = wire_call_id(slot, call->sequence);
        header->export_id = import;
        header->generation = target->generation;
        if (!message->unordered) {
                header->order = target->next_order;
                target->next_order = order_after(target->next_order);
        }
        outgoing_start(session, slot);
        if (!oneway)
                session->calls_deadline = earlier(session->calls_deadline, message->deadline);
        if (handle)
                *handle = handle_of(session, slot);
        core_assert(call->out.active && session->calls_used <= session->call_count);
        return OUTCOME_OK;
}

uint16_t call_find(struct core *core, core_handle_t handle, struct session **session)
{
        unsigned peer = handle >> 24 & 0xff;
        uint16_t slot = (uint16_t)handle;
        if (peer >= core->config.peers || !(*session = core->peers[peer].session))
                return NO_INDEX;
        if (slot >= (*session)->call_count || (*session)->calls[slot].state != CALL_WAITING)
                return NO_INDEX;
        return handle_of(*session, slot) == handle ? slot : NO_INDEX;
}

void call_cancel_queue(struct session *session, uint16_t slot)
{
        struct call_slot *call = &session->calls[slot];
        core_assert(call->state == CALL_WAITING || call->state == CALL_ABANDONED);
        core_assert(call->cancel_reason);
        if (call->cancel_queued)
                return;
        call->cancel_queued = true;
        queue_push_cancel(session, slot);
}

void call_cancel(struct session *session, uint16_t slot, enum reason reason)
{
        struct call_slot *call = &session->calls[slot];
        core_assert(call->state == CALL_WAITING && reason);
        if (call->out.active && !outgoing_was_sent(&call->out)) {
                call_step(call, CALL_ON_WITHDRAW);
                outgoing_withdraw(session, &call->out);
                incoming_free(session, &call->in); /* of a peer that answered too soon */
                queue_push_message(session, slot);
                complete(session, call, not_executed(reason), NULL);
                return;
        }
        call->cancel_reason = (uint16_t)reason;
        call_cancel_queue(session, slot);
        if (reason != REASON_DEADLINE)
                return;
        call_step(call, CALL_ON_EXPIRE);
        complete(session, call, perhaps_executed(reason), NULL);
        core_assert(call->cancel_queued);
}

void calls_expire(struct session *session, uint64_t now)
{
        if (now < session->calls_deadline)
                return;
        uint64_t next = CORE_NEVER;
        for (uint16_t slot = 0; slot < session->call_count; slot++) {
                struct call_slot *call = &session->calls[slot];
                if (call->state != CALL_WAITING)
                        continue;
                if (call->out.deadline <= now)
                        call_cancel(session, slot, REASON_DEADLINE);
                else
                        next = earlier(next, call->out.deadline);
        }
        session->calls_deadline = next;
        core_assert(next > now);
}

uint16_t call_cancel_next(struct session *session)
{
        uint16_t slot;
        while ((slot = queue_pop_cancel(session)) != NO_INDEX) {
                struct call_slot *call = &session->calls[slot];
                core_assert(call->cancel_queued);
                call->cancel_queued = false;
                if (call->state != CALL_FREE)
                        return slot;
                call->next = session->calls_free;
                session->calls_free = slot;
        }
        return NO_INDEX;
}

/* An answer is complete. */
static bool call_answered(struct session *session, uint16_t slot, const uint8_t *content)
{
        struct call_slot *call = &session->calls[slot];
        struct core_message message;
        if (!message_read(session, &call->in, content, &message))
                return false;
        bool wanted = call->state == CALL_WAITING;
        core_assert(wanted || call->state == CALL_ABANDONED);
        outgoing_end(session, &call->out);
        if (wanted && complete(session, call, call->in.header.outcome, &message))
                message_handed(session, &message);
        else if (wanted || !break_leak())
                message_unwanted(session, &message);
        incoming_free(session, &call->in);
        slot_free(session, slot, CALL_ON_ANSWER);
        return true;
}

int call_reply_frame(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        unsigned slot = wire_call_slot(frame->msg.call);
        if (slot >= session->call_count)
                return incoming_bad(session, "an answer to no call slot");
        struct call_slot *call = &session->calls[slot];
        uint64_t sequence = wire_call_sequence(frame->msg.call);
        if (sequence > call->sequence)
                return incoming_bad(session, "an answer to a call that was never made");
        bool open = call->state == CALL_WAITING || call->state == CALL_ABANDONED;
        if (sequence < call->sequence || !open)
                return INCOMING_MORE;
        const uint8_t *content;
        int result = incoming_add(session, &call->in, frame, now, &content);
        if (result == INCOMING_COMPLETE && !call_answered(session, (uint16_t)slot, content))
                return INCOMING_BAD;
        return result;
}

void call_acked(struct session *session, uint16_t slot)
{
        uint8_t state = session->calls[slot].state;
        core_assert(state != CALL_FREE && !session->calls[slot].out.active);
        if (state == CALL_SENDING || state == CALL_WITHDRAWN)
                slot_free(session, slot, CALL_ON_ACKNOWLEDGE);
}

/* How a call ends whose session is lost. */
static outcome_t outcome_lost(const struct call_slot *call, enum reason reason)
{
        bool whole = !call->out.active || outgoing_was_sent(&call->out);
        return whole ? perhaps_executed(reason) : not_executed(reason);
}

void calls_fail(struct session *session, enum reason reason)
{
        core_assert(reason);
        for (uint16_t slot = 0; slot < session->call_count; slot++) {
                struct call_slot *call = &session->calls[slot];
                if (call->state == CALL_WAITING)
                        complete(session, call, outcome_lost(call, reason), NULL);
                incoming_free(session, &call->in);
                if (call->out.active && call->out.content != call->out.small)
                        core_release(session->core, call->out.content);
                call->state = CALL_FREE;
        }
}
