/* Tells the node's name service which nodes come and go: one asynchronous call at a time, in order.
 */
#ifndef NETIPC_SERVER_NAMES_H
#define NETIPC_SERVER_NAMES_H

#include "netipc/core/core.h"
#include "kernel/abi/rights.h"

/* Makes the call object. */
outcome_t names_init(handle_t event, uint64_t bit);

void names_peer_up(const struct core_peer_info *peer);
void names_peer_down(const struct core_peer_info *peer);

/* The call under way has ended. */
void names_done(void);

#endif
