/* What can be wrong with a system whose texts are well-formed. Each check complains through
 * system_complain; none of them stops at the first find. */
#ifndef CHECK_SYSTEM_CHECKS_H
#define CHECK_SYSTEM_CHECKS_H

#include "tools/check/system.h"

/* The component, each component, is placed on nodes that exist. */
void check_place(struct system *system, const struct described_component *component);
void check_places(struct system *system);
/* What is needed or asked for is provided by a component that runs somewhere, or by init. */
void check_names(struct system *system);
/* No two components of one node provide the same name or are granted the same device. */
void check_conflicts(struct system *system);
/* No component waits, through a chain of others, for itself. */
void check_cycles(struct system *system);
/* The component `nic` has a driver for the cards of the cluster: virtio, e1000, or both if mixed.
 */
void check_nic(struct system *system, const char *cards);

#endif
