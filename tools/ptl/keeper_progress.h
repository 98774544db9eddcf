/* How far the nodes of a keeper have come, and why they do not come any further. */
#ifndef PTL_KEEPER_PROGRESS_H
#define PTL_KEEPER_PROGRESS_H

#include "tools/ptl/keeper_state.h"

/* Reads what is new in the node's log. */
void node_log_read(struct keeper *keeper, unsigned number);

/* The node has reached a stage, as its log or the switch says. */
void node_reached(struct keeper *keeper, unsigned number, enum stage stage, const char *text);

/* When node_check is to be called next, or INT64_MAX; and the call: tells of panics and of
 * deadlines that have passed. */
int64_t node_next_check(const struct keeper *keeper, unsigned number);
void node_check(struct keeper *keeper, unsigned number);

/* Tells all who wait that the node stopped or will not come up, with its last words. */
__attribute__((format(printf, 3, 4))) void node_fail(struct keeper *keeper, unsigned number,
                                                     const char *format, ...);

#endif
