/* A component's way from WAITING to RUNNING. */
#ifndef INIT_LAUNCH_H
#define INIT_LAUNCH_H

#include "servers/init/init.h"

/* Takes the next step: collects the answer of an admission, asks for the next one, or starts the
 * task. A component waits as long as one of its admitters is not ready. */
void launch_advance(struct init *init, struct component *component, uint64_t now);

/* Gives the components that lost their name service the right to its successor, once that has been
 * told everything. To be called after init's own names are registered again (control.h). */
void launch_hand_over_names(struct init *init);

#endif
