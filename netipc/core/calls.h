/* Our calls and sends to a peer: one slot each, while they last.
 *
 *      FREE ──core_call──► WAITING ──answer────────────────────────► FREE
 *                             ├──deadline───► ABANDONED ──answer───► FREE    CANCEL; answer dropped
 *                             └──withdrawn──► WITHDRAWN ──acked────► FREE    VOID in its place
 *
 *      FREE ──core_send──► SENDING ──all fragments acked───────────► FREE
 *
 * A call completes as it leaves WAITING. It is withdrawn if its deadline passes, or it is
 * cancelled, before it was sent whole.
 *
 * A slot's sequence number grows with each use. The peer keeps the latest number of each slot, so
 * it recognises a repeated message for ever without remembering each one, and the reuse of a slot
 * tells it that the previous answer has arrived (as with the session slots of NFSv4.1, RFC 8881,
 * 2.10.6.1). */
#ifndef NETIPC_CALLS_H
#define NETIPC_CALLS_H

#include "netipc/core/state.h"

void calls_init(struct session *session);

/* See core_ready(). */
bool call_ready(const struct session *session, uint16_t import, const struct core_message *message);

/* Starts a call or, if `oneway`, a send; see core_call(). */
outcome_t call_begin(struct session *session, uint16_t import, const struct core_message *message,
                     bool oneway, uint64_t cookie, core_handle_t *handle);

/* An explicit cancel, or the deadline, of a waiting call. */
void call_cancel(struct session *session, uint16_t slot, enum reason reason);

/* The slot of a handle if its call is still waiting, else NO_INDEX. */
uint16_t call_find(struct core *core, core_handle_t handle, struct session **session);

/* A MSG frame with REPLY came. INCOMING_RETRY and INCOMING_BAD as incoming_add(). */
int call_reply_frame(struct session *session, const struct wire_frame *frame, uint64_t now);

/* Ends the calls whose deadline has passed. */
void calls_expire(struct session *session, uint64_t now);

/* The next slot of which a CANCEL is to be sent, taken from the queue; NO_INDEX: none. */
uint16_t call_cancel_next(struct session *session);

/* Queues a CANCEL of an open call, unless one is queued. */
void call_cancel_queue(struct session *session, uint16_t slot);

/* All fragments of the message in the slot were acknowledged. */
void call_acked(struct session *session, uint16_t slot);

/* End of the session: completes every waiting call, not executed if it was not sent whole. */
void calls_fail(struct session *session, enum reason reason);

#endif
