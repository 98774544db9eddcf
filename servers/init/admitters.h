/* The components that hand out rights which say who holds them, known by their manifests' `admits`
 * (enum admission): how they are asked, and what becomes of their rights when they die.
 *
 *      asked ──right──> held by the component ──the admitter dies──> lost ──> its successor asked
 *
 * Each kind is a row of one table. */
#ifndef INIT_ADMITTERS_H
#define INIT_ADMITTERS_H

#include "servers/init/init.h"

/* The component of this node that admits to it; NULL: none. */
struct component *admitter_of(struct init *init, enum admission which);
/* Whether it admits now or will do so. */
bool admitter_will_come(const struct component *admitter);

/* Whether the component is to have such a right, and has none. */
bool admission_wanted(const struct component *component, enum admission which);
/* Whether a component runs without it if there is nobody to ask. */
bool admission_optional(enum admission which);
/* Whether those who have been admitted end with the admitter; else its successor admits them. */
bool admission_takes_along(enum admission which);

/* Asks, by the component's asynchronous call; the answer is collected when that has ended:
 * component->rights[component->asked]. RECEIVER_DIED: also if the admitter has died since it
 * answered. */
outcome_t admission_ask(struct init *init, struct component *component, enum admission which,
                        handle_t admitter, uint64_t deadline);
outcome_t admission_collect(struct component *component);
/* Whether who gave the component its right is still there: it may have died and this not be known
 * yet. */
bool admission_lives(const struct component *component, enum admission which);

/* The admitter has died, and with it all its rights. */
void admission_forget(struct init *init, enum admission which);
/* There is one again: those who run without are to be admitted. */
void admission_returned(struct init *init, enum admission which);

/* Drops the rights of the component's run, and those to ask it. */
void admissions_drop(struct component *component);

#endif
