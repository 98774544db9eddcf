/* Packets sent: loss detection, round-trip time, probe time-out and congestion window after RFC
 * 9002 (sections 5, 6 and 7; appendix A), counted in packets instead of bytes; larger ones count
 * for as many places as there are WIRE_PLACE bytes begun.
 *
 * Packets are kept in a ring by number. A packet is lost if one three numbers above it was
 * acknowledged, or one above it and 9/8 of a round trip have passed; then its items are sent
 * again, in a new packet. The window is bounded by the peer's credit as well. That a probe of the
 * path (path.h) is lost says nothing of either. Items are in a ring of their own, since few packets
 * have many. */
#ifndef NETIPC_SENT_H
#define NETIPC_SENT_H

#include "netipc/core/state.h"

/* Calls frame_acked() or frame_lost() for each item of a packet found acknowledged or lost. */

/* Start of a session: the first number is 1. */
void sent_init(struct sent *sent, uint16_t credit);

/* Whether a packet may be sent now, of whatever size. */
bool sent_may_send(const struct sent *sent);

/* … one with frames that must not wait, which may go beyond the window (wire_reserve). */
bool sent_may_send_control(const struct sent *sent);

/* Whether less than half of that is under way. */
bool sent_has_half(const struct sent *sent);

/* The number for the next packet. Where one of the rings is full, the oldest packets count as
 * lost. */
uint64_t sent_number(struct session *session);

/* Notes that the packet numbered `number` (from sent_number()) went out, with `length` bytes.
 * Without items and with `eliciting` false, nothing will be awaited for it. */
void sent_note(struct sent *sent, uint64_t number, const struct item *items, unsigned count,
               bool eliciting, size_t length, uint64_t now);

/* Takes an ACK frame. False if it acknowledges what was never sent. */
bool sent_acked(struct session *session, const struct wire_frame *frame, uint64_t now);

/* Takes a BUSY frame: the packet arrived, and what it carried is to come again after a pause. False
 * if it was never sent. */
bool sent_busy(struct session *session, const struct wire_busy *busy, uint64_t now);

/* When sent_tick() is due: ns or CORE_NEVER. */
uint64_t sent_deadline(const struct sent *sent);

/* The node itself did not run for `length` ns, until now: that belongs to no round trip. */
void sent_pause(struct sent *sent, uint64_t length, uint64_t now);

/* Finds losses by time; after a probe time-out, allows probes and puts the oldest packet's items
 * back. Returns whether a probe must be sent. */
bool sent_tick(struct session *session, uint64_t now);

#endif
