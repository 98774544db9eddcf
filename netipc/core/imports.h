/* The peer's rights that we hold, indexed by its export id.
 *
 *      count   references received and not given back: what the peer counts too, once all is quiet
 *      live    the environment has rights that stand for it
 *      pins    messages in transit that name it
 *
 * Once an import is neither live nor pinned its whole count goes back in a RELEASE; a message
 * that names it has then arrived before. The entry stays, as a tombstone with generation and
 * order, because a new reference of the same generation may be on its way. The root is never
 * given back. */
#ifndef NETIPC_IMPORTS_H
#define NETIPC_IMPORTS_H

#include "netipc/core/state.h"

enum { RELEASE_DELAY = 10 * 1000 * 1000 }; /* ns that releases wait for company */

/* Start of a session; the table is zeroed and holds session->export_count entries. */
void imports_init(struct session *session);

core_import_t import_handle(const struct session *session, uint16_t id);

/* Session and id of a handle. On failure the outcome to give: why its node is lost, or
 * BAD_HANDLE. */
outcome_t import_find(struct core *core, core_import_t handle, struct session **session,
                      uint16_t *id);

/* A descriptor came: one more reference. NULL on a protocol error. An import that is already dead
 * (reason is set) gives the reference back by itself. */
struct imported *import_accept(struct session *session, const struct wire_capability *capability);

/* It was given to the environment. */
void import_handed(struct session *session, uint16_t id);

/* It was not, or no longer: gives it back unless it is still wanted. */
void import_release_unused(struct session *session, uint16_t id);

void import_pin(struct session *session, uint16_t id);
void import_unpin(struct session *session, uint16_t id);

/* A DEAD frame came. False on a protocol error. */
bool import_dead(struct session *session, const struct wire_dead *dead);

/* Fills RELEASE frames: the next batch to transmit, or NULL. */
struct release_batch *release_next(struct session *session);
bool release_waiting(const struct session *session);

void release_acked(struct session *session, uint32_t sequence);
void release_lost(struct session *session, uint32_t sequence);

/* A RELEASE frame came: takes its entries off the export table, once. False on a protocol error. */
bool release_received(struct session *session, const struct wire_frame *frame);

/* End of the session: tells the environment of every live import. */
void imports_drop(struct session *session, enum reason reason);

#endif
