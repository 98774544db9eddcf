/* Deadlines: everything that waits has one timer in one set. The hardware timer is armed for the
 * first of them, and for the end of a time slice if an equal thread is ready (tickless).
 *
 * The set is a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990), which fits because time is
 * monotonic: a timer is in the bucket of the highest bit in which its place differs from the last
 * time at which timers were run. Inserting and removing take constant time; a timer moves to a
 * lower bucket at most once for each bit.
 *
 * Nearly every deadline is cancelled long before it comes, so the set is lazy: a cancelled timer
 * stays in its place, and so does one that is set again for the same time or later. When the place
 * is due, the timer is looked at, and moves if its deadline is still to come. So setting and
 * cancelling are cheap, at the price of at most one extra interrupt for each timer and place.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_TIMER_H
#define KERNEL_SCHED_TIMER_H

#include <stdint.h>
#include "kernel/abi/message.h"
#include "kernel/lib/list.h"

struct timer {
        struct list link;  /* in a bucket, or in none */
        uint64_t deadline; /* ns since boot; TIME_NEVER: not set */
        uint64_t place;    /* its key in the set; TIME_NEVER: it is in no bucket */
        void (*expire)(struct timer *timer); /* called once, the timer is not set then */
        uint8_t bucket;
};

void timers_init(void);

void timer_init(struct timer *timer, void (*expire)(struct timer *timer));

/* For timer_set(): puts the timer into the place of its deadline. */
void timer_insert(struct timer *timer);

static inline bool timer_is_set(const struct timer *timer)
{
        return timer->deadline != TIME_NEVER;
}

/* TIME_NEVER cancels it. */
static inline void timer_set(struct timer *timer, uint64_t deadline)
{
        timer->deadline = deadline;
        if (deadline < timer->place)
                timer_insert(timer);
}

/* Does nothing if it is not set. */
static inline void timer_cancel(struct timer *timer)
{
        timer->deadline = TIME_NEVER;
}

/* Before the timer's memory is freed: takes it out of the set. */
void timer_end(struct timer *timer);

/* Expires all that is due at `now`. */
void timers_run(uint64_t now);

/* When the first place is due, or an earlier time; TIME_NEVER: the set is empty. */
uint64_t timers_next(void);

#endif
