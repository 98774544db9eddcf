/* Deadlines: everything that waits has one timer in one set. The hardware timer is armed for the
 * first of them, and for the end of a time slice if there is an equal to run (tickless).
 *
 * The set is a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990), which fits because time only
 * goes on: a timer is in the bucket of the highest bit in which its deadline differs from the last
 * time at which timers were run. Setting and cancelling, which every call with a deadline does,
 * take constant time; a timer moves to a lower bucket at most once for each bit.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_TIMER_H
#define KERNEL_SCHED_TIMER_H

#include <stdint.h>
#include "kernel/include/list.h"

struct timer {
        struct list link;                    /* in a bucket; in none: not set */
        uint64_t deadline;                   /* ns since boot */
        void (*expire)(struct timer *timer); /* called once, the timer is out of the set */
        uint8_t bucket;
};

void timers_init(void);

static inline void timer_init(struct timer *timer)
{
        list_init(&timer->link);
}

static inline bool timer_is_set(const struct timer *timer)
{
        return !list_empty(&timer->link);
}

/* Sets a timer that is not set. `deadline` from TIME_NEVER down to 292 years: no timer is needed,
 * none is set. */
void timer_set(struct timer *timer, uint64_t deadline, void (*expire)(struct timer *timer));

/* Does nothing if it is not set. */
void timer_cancel(struct timer *timer);

/* Expires all that is due at `now`. */
void timers_run(uint64_t now);

/* The first deadline, or an earlier one that was cancelled meanwhile; TIME_NEVER: no timer is set.
 */
uint64_t timers_next(void);

#endif
