/* What frames do. frames.def has a row for each type, and a file here has what stands in it:
 *
 *      take    a frame came. False: there was no room, and its packet must not be acknowledged
 *      acked   the packet that carried it has arrived: its item says which frame it was
 *      lost    … has perhaps not arrived; or, `refused`, there was no room for it. What still
 *              matters is queued again
 *      put     writes what waits into a packet (packet.h says when), and notes an item for what
 *              is to come again
 *
 * A frame is repeated, so `take` is idempotent, and `acked` and `lost` may be told of what is over.
 * What a peer may not do ends in session_fail(); then nothing else of the frame is done.
 *
 * frame_done() stands where a frame has done its work by arriving, frame_unnoted() and
 * frame_unnoted_lost() where no item stands for it, because it is never repeated. */
#ifndef NETIPC_FRAMES_FRAME_H
#define NETIPC_FRAMES_FRAME_H

#include "netipc/core/packet.h"
#include "netipc/core/state.h"

#define FRAME(NAME, name, number, text, payload, check, elicits, take, acked, lost)                \
        bool take(struct session *session, const struct wire_frame *frame, uint64_t now);          \
        void acked(struct session *session, const struct item *item);                              \
        void lost(struct session *session, const struct item *item, bool refused);
#include "netipc/core/frames.def"

/* By its type, does what the row says. */
bool frame_take(struct session *session, const struct wire_frame *frame, uint64_t now);
bool frame_elicits(const struct wire_frame *frame);
void frame_acked(struct session *session, const struct item *item);
void frame_lost(struct session *session, const struct item *item, bool refused);

void ack_put(struct session *session, struct packet *packet, uint64_t now);
void busy_put(struct session *session, struct packet *packet);
void cancel_put(struct session *session, struct packet *packet);
void close_put(struct packet *packet, enum reason reason);
void dead_put(struct session *session, struct packet *packet);
void ping_put(struct session *session, struct packet *packet);

/* Makes the packet a probe of the path, if one is due; else false. */
bool probe_put(struct session *session, struct packet *packet, uint64_t now);

/* Writes an ACK of what was received into at most `room` bytes; returns its length, 0 if there is
 * nothing to say. Then nothing is to be acknowledged any more. */
size_t ack_write(struct received *received, uint8_t *at, size_t room, uint16_t credit,
                 uint64_t now);

/* Writes as many BUSY frames as fit into `room` bytes; returns their length. */
size_t busy_write(struct received *received, uint8_t *at, size_t room);

/* Appends a fragment of the message that is to go next (queue_first_message()). False if nothing
 * was appended. */
bool msg_put(struct session *session, struct packet *packet, bool longest, uint64_t now);

/* Releases wait a little, to share a packet with something else or with each other. */
void release_put(struct session *session, struct packet *packet, uint64_t now);

/* Start of a session. */
void releases_init(struct releases *releases);

/* Whether there is a RELEASE to be sent, now or once it has waited. */
bool release_waiting(const struct session *session);

#endif
