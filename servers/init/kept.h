/* What components have registered with the name service and what they watch there, kept so that a
 * successor can be told and nobody else notices the death of the first.
 *
 *      name ──keep, forget──> kept ──register, watch──> the next name service
 *
 * An entry belongs to a component's run and ends with it. There are as many as one name service
 * takes.
 */
#ifndef INIT_KEPT_H
#define INIT_KEPT_H

#include "servers/init/init.h"

/* bits 0: the component registered the right `what` as `name`, which replaces an older one. Else
 * `what` is an event to be signalled with them when that name comes or goes. The table owns `what`
 * from here on, whatever the outcome. INVALID, OVERLOADED. */
outcome_t kept_add(struct init *init, struct component *component, struct text name, uint64_t bits,
                   handle_t what);
/* The component has withdrawn the name, or the right has died. */
void kept_forget(struct init *init, struct component *component, struct text name);
/* Whether the component has registered anything. */
bool kept_any(const struct init *init, const struct component *component);
/* The component's run has ended. */
void kept_drop(struct init *init, const struct component *component);

/* Tells the name service of the component's first entry from *next on, through its right and its
 * asynchronous call, and moves *next behind it. NOT_FOUND: there are no more. RECEIVER_DIED: the
 * name service has died, too; its successor is to be told all. */
outcome_t kept_tell(struct init *init, struct component *component, unsigned *next, uint64_t now);

#endif
