/* A peer's calls and sends to us: executed at most once, in the order of their right.
 *
 *      IDLE ──first fragment──► RECEIVING ──complete───────────────────────► EXECUTING
 *        ▲                          └──complete, but early──► HELD ──its turn──┘ │
 *        └────────────acknowledged, or the slot is reused──── REPLYING ◄─core_reply
 *
 * A one-way message leaves its slot IDLE as soon as it is complete, even while it is held. A
 * message with a sequence number that the slot has seen is a duplicate and is ignored, since an
 * answer that was not acknowledged is retransmitted anyway. */
#ifndef NETIPC_SERVED_H
#define NETIPC_SERVED_H

#include "netipc/core/state.h"

void served_init(struct session *session);

/* A MSG frame without REPLY came. Returns an enum incoming_result. */
int served_frame(struct session *session, const struct wire_frame *frame, uint64_t now);

/* The caller gave the call up that has this sequence number in the slot. Nothing happens if that is
 * late, or was said before. */
void served_cancel(struct session *session, unsigned slot, uint64_t sequence, enum reason reason);

/* See core_reply(). */
outcome_t served_reply(struct core *core, core_call_t call, outcome_t outcome,
                       const struct core_message *message);

/* See core_resume(). A right that still finds no room goes to the end of the queue. */
void served_resume(struct session *session);

/* The right that held messages wait for has died: calls are answered, sends dropped. */
void served_fail_held(struct session *session, struct exported *export, enum reason reason);

/* Frees held messages silently. */
void served_drop_held(struct session *session, struct exported *export);

/* The answer in the slot was acknowledged, all of it. */
void served_acked(struct session *session, uint16_t slot);

/* End of the session: tells the environment which calls have lost their caller. */
void served_drop(struct session *session, enum reason reason);

#endif
