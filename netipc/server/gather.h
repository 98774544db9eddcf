/* Gathers what local programs ask for, so that it goes out together.
 *
 * The transport is above its clients: it runs as soon as one of them has sent it a message. That is
 * best for a call that its caller waits for; where a program starts many, or answers many, each
 * would cost a packet, two switches of the address space and a turn of the driver. So where more
 * than one is under way the transport lets the others run before it sends anything:
 *
 *      flush each ── a local message, others under way ──> gathering: the others run, then all
 *          ^                                               messages that wait are taken
 *          '── no message waits, or GATHER_MAX were taken ──'
 *
 * The same goes for who was given an answer or a call: while frames come without end it would
 * not run, neither to ask for more nor to answer. What it says then goes with the acknowledgement
 * of what it was given, before further frames are taken.
 *
 * It gives up its place once for each gathering, to programs of PRIORITY_DEFAULT and above, for no
 * more than their turn: who alone has a call under way never waits for them, nor do frames that
 * arrive between gatherings.
 *
 * Context: the transport's one thread. */
#ifndef NETIPC_SERVER_GATHER_H
#define NETIPC_SERVER_GATHER_H

#include <stdbool.h>
#include "kernel/abi/outcome.h"

/* Makes sure that the thread may come back to its priority: the outcome of setting it. */
outcome_t gather_init(void);

/* A local program has sent a message, or was given one, and others are under way. */
void gather_want(void);

/* Whether gather_want() was called since the last gather_more(). */
bool gather_wanted(void);

/* Before each wait, where `message`: one was taken since the last time. True: whatever waits at the
 * port is to be taken before anything is sent. */
bool gather_more(bool message);

/* Whether the last gather_more() was true. */
bool gathering(void);

#endif
