/* What init offers: interface proc under two names, and interface supervisor. */
#ifndef INIT_CONTROL_H
#define INIT_CONTROL_H

#include "servers/init/init.h"

/* Adds the interfaces to the server. */
outcome_t control_init(struct init *init);

/* Puts `proc` and `control` under their names, as soon as and whenever there is a name service. */
void control_register(struct init *init, uint64_t now);

/* The index-th of those names; NULL: there are no more. */
const char *control_face(unsigned index);

/* Whether both are there. */
bool control_registered(const struct init *init);

#endif
