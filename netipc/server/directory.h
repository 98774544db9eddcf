/* This node's root, which is what other nodes reach first: the name service's directory. When the
 * name service has died, the directory of the next one, which knows no peers yet, takes its place;
 * until then peers are refused.
 *
 *      OFFERED ──its right dies──> LOST ──a right to the next one is there──> ASKING ──> OFFERED
 */
#ifndef NETIPC_SERVER_DIRECTORY_H
#define NETIPC_SERVER_DIRECTORY_H

#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

/* Asks the name service and waits for it: at the start, once the core exists. */
outcome_t directory_offer(handle_t port, uint64_t key);

/* A right of this node has died: it may have been the directory's. */
void directory_check(void);

/* The call in progress has ended. */
void directory_done(uint64_t now);

/* Does what it can; returns when it wants to be called next. */
uint64_t directory_work(uint64_t now);

#endif
