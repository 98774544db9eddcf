/* A peer's calls and sends to us: executed at most once, in the order of their right.
 *
 *      IDLE ── first fragment ──► RECEIVING ── complete ──► EXECUTING ── core_reply ──► REPLYING
 * ──► IDLE └─ an earlier one is missing ──► HELD ──┘    acknowledged, or the slot is used again A
 * one-way message leaves its slot IDLE as soon as it is complete, also while it is held. Whatever
 * carries a sequence number that the slot has seen is a duplicate: it is ignored, since an answer
 * that was not acknowledged is repeated by itself. */
#ifndef NETIPC_SERVICE_H
#define NETIPC_SERVICE_H

#include "netipc/core/state.h"

void services_init(struct session *session);

/* A MSG frame without REPLY came. Returns an enum incoming_result. */
int service_frame(struct session *session, const struct wire_frame *frame, uint64_t now);

/* A CANCEL frame came. False on a protocol error. */
bool service_cancel(struct session *session, const struct wire_cancel *cancel);

/* See core_reply(). */
outcome_t service_reply(struct core *core, core_call_t call, outcome_t outcome,
                        const struct core_message *message);

/* The right that held messages wait for has died: calls are answered, sends dropped. */
void service_fail_held(struct session *session, struct exported *export, enum reason reason);

/* Frees held messages without a word. */
void service_drop_held(struct session *session, struct exported *export);

/* What became of fragments of answers; `tag` is the low half of the call's sequence. */
void service_fragment_acked(struct session *session, uint16_t slot, uint32_t tag,
                            unsigned fragment);
void service_fragment_lost(struct session *session, uint16_t slot, uint32_t tag, unsigned fragment);

/* End of the session: tells the environment which calls have lost their caller. */
void services_drop(struct session *session, enum reason reason);

#endif
