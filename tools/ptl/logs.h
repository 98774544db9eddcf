/* The logs of a cluster: switch.log and keeper.log, nK/serial.log and nK/qemu.log. They stay when
 * it is down. The next one moves them to before/ once it is about to start its nodes, so an `up`
 * that fails on its way there changes nothing; and a cluster that never came up does not push out
 * the logs of one that did. */
#ifndef PTL_LOGS_H
#define PTL_LOGS_H

#include <stdbool.h>

/* Moves the logs that are there out of the way of a cluster of so many nodes. False with errno. */
bool logs_turn(unsigned nodes);

/* Notes that the cluster whose logs these are came up. */
void logs_came_up(void);

#endif
