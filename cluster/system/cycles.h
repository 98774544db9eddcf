/* No component may wait for itself through a chain of others: a call around such a cycle would
 * never be answered. */
#ifndef CLUSTER_CYCLES_H
#define CLUSTER_CYCLES_H

#include "cluster/system/system.h"

void check_cycles(struct system *system);

#endif
