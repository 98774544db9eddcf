/* No component waits, through a chain of others, for itself: a call around such a circle would be
 * answered by nobody. */
#ifndef CLUSTER_CYCLES_H
#define CLUSTER_CYCLES_H

#include "cluster/system/system.h"

void check_cycles(struct system *system);

#endif
