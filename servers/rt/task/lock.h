/* A lock for the threads of one task. Without contention it costs no system call; who finds it
 * taken sleeps on an event, which is made when the first one has to.
 *
 *      word  0: free   1: taken   2: taken, and somebody sleeps or is about to
 *
 * (Drepper, "Futexes Are Tricky", mutex 2, with an event in the place of the futex: its bit stays
 * until one sleeper has taken it, so no wake-up is lost.)
 *
 * Zero is a free lock. Not recursive; a holder waits for nothing but what its lock says it may. */
#ifndef RT_LOCK_H
#define RT_LOCK_H

#include <stdint.h>
#include "kernel/abi/rights.h"

struct lock {
        uint32_t word;
        handle_t event; /* 0: not made yet */
};

/* Context: any thread, also the handler of Linux system calls. */
void lock_take(struct lock *lock);
void lock_release(struct lock *lock);

#endif
