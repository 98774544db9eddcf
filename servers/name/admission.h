/* How components are admitted to this name service, and leave it: a member takes its registrations,
 * watches and lookups along. */
#ifndef NAME_ADMISSION_H
#define NAME_ADMISSION_H

#include "servers/name/names.h"

/* Admits a component. *right is its right to this service, which the caller passes on to init. An
 * older member of the same component is ended first, and its right revoked. OVERLOADED, TOO_LONG,
 * INVALID. */
outcome_t admission_begin(struct names *names, struct text component, struct text provides,
                          struct text asks, uint64_t grants, struct spawn_bounds spawn,
                          handle_t *right);

/* Nobody has the member's right any more. */
void admission_end(struct names *names, uint64_t badge);

#endif
