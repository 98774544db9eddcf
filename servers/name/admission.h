/* How components come to this name service and go: with a member goes all that it had here. */
#ifndef NAME_ADMISSION_H
#define NAME_ADMISSION_H

#include "servers/name/names.h"

/* Makes a member for a component, with a right of its own, which the caller is to move to init. An
 * older member of that component ends first, its right is revoked. OVERLOADED, TOO_LONG, INVALID. */
outcome_t admission_begin(struct names *names, struct text component, struct text provides,
                          struct text asks, uint64_t grants, handle_t *right);

/* Nobody has the member's right any more. */
void admission_end(struct names *names, uint64_t badge);

#endif
