/* From WAITING to RUNNING. */
#ifndef INIT_LAUNCH_H
#define INIT_LAUNCH_H

#include "servers/init/init.h"

/* Goes on with a component that waits: collects the answer of an admission, asks for the next one,
 * or starts its task. It stays waiting as long as one who is to admit it is not ready. */
void launch_advance(struct init *init, struct component *component, uint64_t now);

/* Hands the new name service to those who lost the old one, when all that they had registered is
 * told. For after init's own names are there again (control.h). */
void launch_hand_over_names(struct init *init);

#endif
