/* What components have registered with the name service, and watch there: kept for the day that it
 * dies, so that its successor can be told, and nobody else notices.
 *
 *      name ──keep, forget──> kept ──register, watch──> the next name service
 *
 * An entry belongs to a component's run and goes with it. Bounded by what one name service takes.
 */
#ifndef INIT_KEPT_H
#define INIT_KEPT_H

#include "servers/init/init.h"

/* `what` is a right that the component registered as `name`, in the place of an older one, or, with
 * bits, an event to be signalled with them when that name comes or goes. It is the table's,
 * whatever the outcome. INVALID, OVERLOADED. */
outcome_t kept_add(struct init *init, struct component *component, struct text name, uint64_t bits,
                   handle_t what);
/* The component has taken the name back, or the right has died. */
void kept_forget(struct init *init, struct component *component, struct text name);
/* The component's run has ended. */
void kept_drop(struct init *init, const struct component *component);

/* Tells the name service, through the component's right, of its first entry from *next on, by its
 * asynchronous call; *next is behind it then. NOT_FOUND: there are no more. */
outcome_t kept_tell(struct init *init, struct component *component, unsigned *next, uint64_t now);

#endif
