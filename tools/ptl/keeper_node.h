/* The power of a keeper's nodes: starting and ending their machines. */
#ifndef PTL_KEEPER_NODE_H
#define PTL_KEEPER_NODE_H

#include "tools/ptl/keeper_client.h"

/* Powers the node on. Returns false with a reason for the user if its machine cannot be started. */
enum { NODE_REASON = CLIENT_LINE - 16 };
bool node_power_on(struct keeper *keeper, unsigned number, char reason[NODE_REASON]);

/* Pulls the plug and waits until the machine is gone. */
void node_power_off(struct keeper *keeper, unsigned number);

/* The machine has ended by itself; status is waitpid's. */
void node_ended(struct keeper *keeper, unsigned number, int status);

#endif
