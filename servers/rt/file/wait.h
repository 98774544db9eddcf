/* How a program waits for the calls of ahead.h: by an event of its own. A program that waits for
 * other things meanwhile has functions of its own in their place (ld(1), --wrap). */
#ifndef RT_FILE_WAIT_H
#define RT_FILE_WAIT_H

#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

/* A call object whose end wakes who waits. */
outcome_t reader_call(handle_t *call);

/* Of a task that is a copy of another, whose event this one has not. */
void reader_wait_renew(void);

/* Waits until one of them has ended since the last time, or perhaps not: whoever waits looks. Not
 * ok: there is nothing to wait for any more. */
outcome_t reader_wait(uint64_t deadline);

#endif
