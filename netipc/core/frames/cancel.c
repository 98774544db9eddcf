/* CANCEL: the caller does not want a call any more. It is repeated while the call is open; when it
 * came too late, or came before, nothing happens. */
#include "netipc/core/calls.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/served.h"
#include "netipc/core/session.h"

void cancel_put(struct session *session, struct packet *packet)
{
        uint16_t slot;
        while (packet_fits(packet, sizeof(struct wire_cancel)) &&
               (slot = call_cancel_next(session)) != NO_INDEX) {
                const struct call_slot *call = &session->calls[slot];
                core_assert(call->cancel_reason && call->sequence);
                struct wire_cancel frame = {.type = FRAME_CANCEL,
                                            .reason = call->cancel_reason,
                                            .call = wire_call_id(slot, call->sequence)};
                packet_append(packet, &frame, sizeof(frame));
                packet_note(packet, (struct item){.type = FRAME_CANCEL,
                                                  .index = slot,
                                                  .tag = (uint32_t)call->sequence});
        }
}

bool cancel_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        const struct wire_cancel *cancel = &frame->cancel;
        unsigned slot = wire_call_slot(cancel->call);
        (void)now;
        if (slot >= session->call_count)
                session_fail(session, "cancels a call in no slot");
        else
                served_cancel(session, slot, wire_call_sequence(cancel->call),
                              (enum reason)cancel->reason);
        return true;
}

void cancel_lost(struct session *session, const struct item *item, bool refused)
{
        core_assert(item->index < session->call_count);
        const struct call_slot *call = &session->calls[item->index];
        bool open = call->state == CALL_WAITING || call->state == CALL_ABANDONED;
        (void)refused;
        if ((uint32_t)call->sequence == item->tag && open && call->cancel_reason)
                call_cancel_queue(session, item->index);
}
