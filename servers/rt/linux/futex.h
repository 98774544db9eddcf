/* Those who wait at a word of the program's memory: futex(2). One list for all words, since few
 * threads wait; in the order in which they came.
 *
 * The word is looked at and the waiter put into the list under `state`, and so is everybody woken:
 * no wake-up comes between the two. */
#ifndef RT_LINUX_FUTEX_H
#define RT_LINUX_FUTEX_H

#include "servers/rt/linux/threads.h"

/* futex(2): what to do, and two flags beside it. */
enum {
        FUTEX_WAIT = 0,
        FUTEX_WAKE = 1,
        FUTEX_REQUEUE = 3,
        FUTEX_CMP_REQUEUE = 4,
        FUTEX_LOCK_PI = 6,
        FUTEX_UNLOCK_PI = 7,
        FUTEX_TRYLOCK_PI = 8,
        FUTEX_WAIT_BITSET = 9,
        FUTEX_WAKE_BITSET = 10,
        FUTEX_PRIVATE_FLAG = 128,
        FUTEX_CLOCK_REALTIME = 256,
};

#define FUTEX_ANY UINT32_MAX /* FUTEX_BITSET_MATCH_ANY */

/* Wakes at most `most` of those at the address whose bits meet `bits`; how many. Context: `state`.
 */
int64_t futex_wake(uint64_t address, uint64_t most, uint32_t bits);

/* Waits at the address until it is woken: 0, -RESTART or -EINTR (a signal), -ETIMEDOUT, -ENOMEM.
 * Context: `state`, which is given back meanwhile. */
int64_t futex_wait_here(uint64_t address, uint64_t deadline);

/* Something that is open has changed: wakes those who wait at its address, and those who wait for
 * any change. Context: `state`. */
void futex_changed(const void *what);

/* Waits for any such change, as futex_wait_here does; with `calls` also for the end of a call
 * object of the thread's that sets WAKE_CALL. */
int64_t futex_wait_changes(uint64_t deadline, bool calls);

/* In a child of fork: nobody waits. */
void futex_forked(void);

/* What is left locked of the thread's robust list is marked as its owner's death, and who waits for
 * it is woken. Context: `state`; the thread's end. */
void robust_release(struct thread *thread);

#endif
