/* What waits to be transmitted: FIFO lists threaded through the tables themselves, so queueing
 * allocates nothing and takes constant time. Each entry has a flag (queued,
 * cancel_queued, dead_queued, release_queued) that its caller sets, and is in its queue at most
 * once. A pop returns NO_INDEX if the queue is empty. */
#ifndef NETIPC_QUEUES_H
#define NETIPC_QUEUES_H

#include "netipc/core/state.h"

/* The outgoing message that a reference (slot, perhaps with REPLY_REF) names. */
static inline struct outgoing *outgoing_at(struct session *session, uint16_t reference)
{
        unsigned slot = reference & ~REPLY_REF;
        return reference & REPLY_REF ? &session->served[slot].out : &session->calls[slot].out;
}

/* How many granules of a message are to be transmitted, perhaps again. */
static inline unsigned outgoing_unsent(const struct outgoing *out)
{
        return out->again + (unsigned)out->granules - out->fresh;
}

/* Whether messages wait for room at the peer. */
static inline bool queues_parked(const struct session *session)
{
        return session->parked[0].head != NO_INDEX || session->parked[1].head != NO_INDEX;
}

/* Whether anything is queued that goes out as soon as the window lets it; a RELEASE may wait, see
 * release_waiting(). */
static inline bool queues_waiting(const struct session *session)
{
        return session->cancels.head != NO_INDEX || session->dead.head != NO_INDEX ||
               session->ready_map;
}

/* Messages: the shortest remaining one first, and among equals the oldest, whole: so small ones
 * pass large ones, what was lost of a large one goes ahead of the rest, and large ones end one
 * after the other. Lengths, in packets of the least size, are told apart by the power of two. Sets
 * `queued`; does nothing if it is set, but that one which is parked, and needs no room any more,
 * leaves those who do. */
void queue_push_message(struct session *session, uint16_t reference);

/* The message to go next, which has something to send and stays in its queue: the shortest or, so
 * that it gets on too, the longest. NO_INDEX: none. */
uint16_t queue_first_message(struct session *session, bool longest);

/* That message has sent a fragment: finds its place anew. */
void queue_settle_message(struct session *session, uint16_t reference);

/* Messages for which the peer has no room are parked, requests and answers apart, since those have
 * memory of their own. One of each asks, by a fragment, at session->resume, and again after a
 * pause, which doubles from PAUSE_MIN to PAUSE_MAX: by turns the oldest, for which others may wait,
 * and the one that asked longest ago, since the oldest may wait for a server that hangs. All do
 * when one has found room, since there may be more. */
enum { PAUSE_MIN = 1000 * 1000, PAUSE_MAX = 16 * 1000 * 1000 }; /* ns */

/* The peer has no room for the message: wherever it is queued, it waits with those. */
void queue_park_message(struct session *session, uint16_t reference);

/* The peer has taken some of such a message: the rest goes, and the others ask. */
void queue_room_found(struct session *session, uint16_t reference);

/* Of the requests that are parked the oldest asks, or the one that asked longest ago; and so of the
 * answers. */
void queue_ask(struct session *session, bool oldest);

void queue_push_cancel(struct session *session, uint16_t slot);
uint16_t queue_pop_cancel(struct session *session);

void queue_push_export(struct session *session, uint16_t id);
uint16_t queue_pop_export(struct session *session);

/* Exports whose first held message waits for room. Sets `stalled`; does nothing if it is set. */
void queue_push_stalled(struct session *session, uint16_t id);
uint16_t queue_pop_stalled(struct session *session);

void queue_push_import(struct session *session, uint16_t id);
uint16_t queue_pop_import(struct session *session);

#endif
