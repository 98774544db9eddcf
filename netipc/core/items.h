/* What became of a frame that was sent: dispatches to the table that it came from. */
#ifndef NETIPC_ITEMS_H
#define NETIPC_ITEMS_H

#include "netipc/core/state.h"

/* The frame has arrived. May be told more than once, and of frames that no longer matter. */
void item_acked(struct session *session, const struct item *item);

/* The frame has perhaps not arrived: if it still matters it is queued again; a message that was
 * `refused`, since there was no room for it, after a pause. */
void item_lost(struct session *session, const struct item *item, bool refused);

#endif
