/* Tells the node's name service which nodes come and go.
 *
 * Nothing is queued: for each peer of the core it is noted what the name service was told last, and
 * what differs from the core's state is told, one asynchronous call at a time. What could not be
 * told is told later; of a peer that came and went meanwhile, only that it is away. So no news is
 * lost, and none piles up. A restarted name service is told of all peers, even of those that are
 * away, so that it knows why their names are not there.
 *
 * What the name service refuses of one peer holds up no other: it is tried again after a pause that
 * doubles, and logged once; lines about refusals come at most once a second. */
#ifndef NETIPC_SERVER_NAMES_H
#define NETIPC_SERVER_NAMES_H

#include "netipc/core/core.h"
#include "kernel/abi/rights.h"

/* Makes the call object. */
outcome_t names_init(handle_t port, uint64_t key);

/* A peer has come or gone: the next names_work() tells it. For the core's callbacks. */
void names_changed(void);

/* There is another name service, which has been told nothing. */
void names_begin_anew(void);

/* The call in progress has ended. */
void names_done(uint64_t now);

/* Tells what is to be told, if no call is in progress; returns when it wants to be called next. */
uint64_t names_work(struct core *core, uint64_t now);

#endif
