/* What the keeper's clients ask for (keeper.h has the protocol). */
#ifndef PTL_KEEPER_COMMAND_H
#define PTL_KEEPER_COMMAND_H

#include "tools/ptl/keeper_state.h"

/* Obeys one line of a client. */
void command_obey(struct keeper *keeper, struct client *client, char *line);

/* Answers those whose wait is over; called whenever something may have changed. */
void waits_settle(struct keeper *keeper);

#endif
