/* Making the task of components. */
#ifndef INIT_START_H
#define INIT_START_H

#include "servers/init/init.h"

/* Makes account and task of a component that has been admitted everywhere, and of those that wait
 * to be started with it; each with the handles that its manifest grants and no others, and starts
 * them. On failure no part of the task is left behind. */
outcome_t task_run(struct init *init, struct component *component);

/* Whether boot.cpio has the component's program; component->program is it then. */
bool component_find_program(struct init *init, struct component *component);

#endif
