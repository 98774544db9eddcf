/* What is registered on this node: a right for each name in the registry's own table. */
#ifndef NAME_REGISTRATIONS_H
#define NAME_REGISTRATIONS_H

#include "servers/name/names.h"

/* Registers a right under a name, which enters the own table. The right belongs to the
 * registration, whatever the outcome. A member's older right of that name is replaced. EXISTS:
 * another member has the name, and its right is alive. INVALID, OVERLOADED. */
outcome_t registration_make(struct names *names, uint64_t badge, struct text name, handle_t right);
/* NOT_FOUND; REFUSED: it is another member's. */
outcome_t registration_take_back(struct names *names, uint64_t badge, struct text name);
/* All of a member. */
void registrations_end(struct names *names, uint64_t badge);

/* Those whose right has died. */
void registrations_sweep(struct names *names);

/* The right registered as `name`, if it is alive; not to be closed. 0: there is none. */
handle_t registered_right(struct names *names, const char *name);

#endif
