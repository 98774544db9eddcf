/* What init offers: interface proc under three names, and interface supervisor. */
#ifndef INIT_CONTROL_H
#define INIT_CONTROL_H

#include "servers/init/init.h"

/* Adds the interfaces to the server. */
outcome_t control_init(struct init *init);

/* Registers `proc`, `control` and `install` with the name service, and again with each successor
 * of it. */
void control_register(struct init *init, uint64_t now);

/* Whether all are registered. */
bool control_registered(const struct init *init);

#endif
