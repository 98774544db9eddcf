/* A lock for the threads of one task. Without contention it costs no system call; who finds it
 * taken sleeps on an event, which is made when the first one has to.
 *
 *      word  0: free   n: taken, and n - 1 others wait for it or are about to
 *
 * Whoever releases it while others wait gives it to one of them: it does not become free, so who
 * comes back for it at once waits behind them. Else a thread that calls servers under its lock,
 * and so has its processor again whenever it releases it, would keep it for ever.
 *
 * Zero is a free lock. Not recursive; a holder waits for nothing but what its lock says it may. */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include <stdint.h>
#include "kernel/abi/rights.h"

struct lock {
        uint32_t word;
        uint32_t given; /* 1: released, for one of those who wait to take */
        handle_t event; /* 0: not made yet */
};

/* Context: any thread, also the handler of Linux system calls. */
void lock_take(struct lock *lock);
void lock_release(struct lock *lock);

#endif
