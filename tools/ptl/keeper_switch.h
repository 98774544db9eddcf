/* The switch of a keeper: the process, and its events. */
#ifndef PTL_KEEPER_SWITCH_H
#define PTL_KEEPER_SWITCH_H

#include "tools/ptl/keeper_state.h"

/* Starts the switch and waits until it answers. It logs to a file of that name. False with a
 * complaint. */
#define SWITCH_LOG_NEW "switch.new"
bool switch_start(struct keeper *keeper);

/* Reads events from it. */
void switch_read(struct keeper *keeper);

/* Ends it in order, so that a capture is whole. */
void switch_end(struct keeper *keeper);

#endif
