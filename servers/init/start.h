/* Making a component's task. */
#ifndef INIT_START_H
#define INIT_START_H

#include "servers/init/init.h"

/* Makes the account and the task of a component that has been admitted everywhere, with the handles
 * that its manifest grants and no others, and starts it. On failure nothing is left behind. */
outcome_t component_run(struct init *init, struct component *component);

/* Whether boot.cpio has the component's program; component->program is it then. */
bool component_find_program(struct init *init, struct component *component);

#endif
