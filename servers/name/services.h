/* This node's services: a right for each name in the registry's own table. */
#ifndef NAME_SERVICES_H
#define NAME_SERVICES_H

#include "servers/name/names.h"

/* Puts a right under a name, which is in the own table then; the right is the service's, whatever
 * the outcome. A member's own older right is replaced. EXISTS: a living service of another one has
 * the name. INVALID, OVERLOADED. */
outcome_t service_register(struct names *names, uint64_t badge, struct text name, handle_t right);
/* NOT_FOUND; REFUSED: it is another member's. */
outcome_t service_unregister(struct names *names, uint64_t badge, struct text name);
/* All services of a member. */
void services_end(struct names *names, uint64_t badge);

/* Those whose right has died. */
void services_sweep(struct names *names);

/* The right of a living service, which stays the service's; 0: there is none. */
handle_t service_right(struct names *names, const char *name);

#endif
