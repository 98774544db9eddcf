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

/* It died at its home, under this generation; WIRE_ROOT_EXPORT < id < export_count. Nothing happens
 * the second time. False if the peer cannot have exported it. */
bool import_die(struct session *session, uint16_t id, uint32_t generation, enum reason reason);

/* Takes an import that has left the RELEASE queue off the table, with all its references if one
 * entry holds as many: their number, or 0 if it is wanted again. */
uint32_t import_give_back(struct session *session, uint16_t id);

/* End of the session: tells the environment of every live import. */
void imports_drop(struct session *session, enum reason reason);

#endif
