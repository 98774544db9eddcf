/* PLACE=NAME:NODE,...: where components are to run instead. */
#ifndef CHECK_PLACEMENT_H
#define CHECK_PLACEMENT_H

#include "cluster/system/system.h"

/* Puts the places of the option into the description. `fs:n1,fs:n2` and `fs:n1,n2` are both nodes.
 * False: a complaint says why. The places point into memory that is never freed. */
bool placement_apply(struct system *system, const char *option);

#endif
