/* Our rights that a peer holds, with counts of the references that went over the wire.
 *
 *      FREE ── export_reference ──► LIVE ── export_dead ──► DEAD
 *        ▲                           │                       │
 *        └──── the peer gave all references back (RELEASE) ──┘
 *
 * The core holds one reference of the local right while LIVE. An id is used again only with a new
 * generation. The root (WIRE_ROOT_EXPORT) is always LIVE, is not counted, and stands for
 * core->root. */
#ifndef NETIPC_EXPORTS_H
#define NETIPC_EXPORTS_H

#include "netipc/core/state.h"

/* Start of a session; the table is zeroed and holds session->export_count entries. */
void exports_init(struct session *session);

/* The export of a token, or NO_INDEX. */
uint16_t export_find(const struct session *session, uint64_t token);

/* Adds a reference for the peer to the export of `token`, which is made if there is none, and takes
 * over one reference of the right. Precondition: an export exists or session->exports_left > 0. */
uint16_t export_reference(struct session *session, uint64_t token, uint8_t type);

/* Takes `count` references of the peer back: because it released them, or because the message that
 * carried them was withdrawn. False if it does not have as many. */
bool export_release(struct session *session, uint32_t id, uint32_t generation, uint32_t count);

/* Frees the export if the peer has given all its references back. A message that came before, and
 * waits for nothing but room, keeps it: its sender may have forgotten the right by then. */
void export_settle(struct session *session, uint16_t id);

/* The export that the peer names, dead or alive; NULL if it holds none of that name. */
struct exported *export_named(struct session *session, uint32_t id, uint32_t generation);

/* The right died: queues a DEAD frame and gives the right back. */
void export_kill(struct session *session, uint16_t id, enum reason reason);

/* A reply right was used: as export_kill(), but without a DEAD, since the peer knows. */
void export_consume(struct session *session, uint16_t id);

/* The next export of which a DEAD frame is to be sent, taken from the queue; NO_INDEX: none. */
uint16_t export_dead_next(struct session *session);

/* Queues a DEAD frame of a dead export, unless one is queued. */
void export_dead_queue(struct session *session, uint16_t id);

/* End of the session: gives every right back. */
void exports_drop(struct session *session);

#endif
