/* What can be wrong with a system whose texts are well-formed. Each check complains through
 * system_complain; none of them stops at the first find. */
#ifndef CLUSTER_CHECKS_H
#define CLUSTER_CHECKS_H

#include "cluster/system/system.h"

/* The component, each component, is placed on nodes that exist. */
void check_place(struct system *system, const struct described_component *component);
void check_places(struct system *system);
/* Arguments are those that a manifest of the component lists. */
void check_arguments(struct system *system);
/* What is needed or asked for is provided by a component that runs somewhere, or by init. */
void check_names(struct system *system);
/* No two components of one node provide the same name, admit to the same service, are granted the
 * same device or sit at the same terminal. */
void check_conflicts(struct system *system);

#endif
