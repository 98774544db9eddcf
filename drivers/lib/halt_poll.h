/* Halt polling: a processor that is about to halt for an answer is kept awake for it, a while.
 *
 * What a halted processor costs is the way back: a virtual one is a thread of the host, which has
 * to be woken, and that takes as long as a frame takes over the wire. So where the client expects
 * an answer (packet_expect()), a thread of the lowest priority polls for it where the node would
 * halt; whatever else could run does, and the card's interrupt comes as ever.
 *
 *      asleep ── driver about to wait, something new is expected ──> polling
 *        ^                                                              |
 *        '── nothing is expected any more, or HALT_POLL_MOST is over ───'
 *
 * A node that serves expects nothing, and halts: of two that talk, one polls. And polling takes
 * processors from those who share them, so it has to pay: each time in a row that no answer came
 * in time doubles the number of times that nobody polls, up to HALT_POLL_SKIP_MOST. (Linux's
 * haltpoll governor grows and shrinks the time instead; here what is short is the round trip, which
 * polling has to outlast or is for nothing.)
 *
 * Invariants: polling changes when something happens, never what; a client's lie costs time that
 * nothing else on the node wanted.
 *
 * Context: halt_poll_wake() is called by the driver's thread; the other one is in halt_poll.c. */
#ifndef DRIVERS_LIB_HALT_POLL_H
#define DRIVERS_LIB_HALT_POLL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/rights.h"
#include "servers/proto/packet_ring.h"

enum {
        HALT_POLL_MOST = 1500000, /* ns; some round trips of a null call */
        HALT_POLL_FAILURES = 8,   /* are counted: 255 are skipped then */
};

struct halt_poll {
        uint32_t seen;         /* what was expected last */
        _Atomic unsigned skip; /* so many more are not polled for */
        unsigned failures;     /* in a row; of the polling thread */

        /* Set up by halt_poll_start(). */
        const struct packet_area *area; /* NULL: nobody polls */
        handle_t event;
        _Atomic bool asleep; /* the polling thread waits for the event, or is about to */
};

/* Before the driver waits, with what its client expects, 0: nothing. True: to be polled for. */
static inline bool halt_poll_due(struct halt_poll *poll, uint32_t expected)
{
        unsigned skip = atomic_load_explicit(&poll->skip, memory_order_relaxed);
        if (expected == 0 || expected == poll->seen)
                return false;
        poll->seen = expected;
        if (skip == 0)
                return true;
        atomic_store_explicit(&poll->skip, skip - 1, memory_order_relaxed);
        return false;
}

/* After polling: whether what was expected has come in time. */
static inline void halt_poll_ended(struct halt_poll *poll, bool in_time)
{
        if (in_time)
                poll->failures = 0;
        else if (poll->failures < HALT_POLL_FAILURES)
                poll->failures++;
        atomic_store_explicit(&poll->skip, (1u << poll->failures) - 1, memory_order_relaxed);
}

/* Makes the polling thread of this program, which has one at most. `area` stays where it is.
 * Without memory, or where the time takes a system call, nobody polls. */
void halt_poll_start(struct halt_poll *poll, const struct packet_area *area);

/* Before the driver waits. */
void halt_poll_wake(struct halt_poll *poll);

#endif
