/* Deadlines: everything that waits has one timer in one ordered set. The hardware timer is armed
 * for the first of them, and for the end of a time slice if there is an equal to run (tickless).
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_TIMER_H
#define KERNEL_SCHED_TIMER_H

#include "kernel/include/tree.h"

struct timer {
        struct tree_node node;               /* key: ns since boot */
        void (*expire)(struct timer *timer); /* called once, the timer is out of the set */
};

/* `deadline` TIME_NEVER: no timer is needed, none is set. */
void timer_set(struct timer *timer, uint64_t deadline, void (*expire)(struct timer *timer));
void timer_cancel(struct timer *timer);

/* Expires all that is due at `now`. */
void timers_run(uint64_t now);

/* The first deadline, or TIME_NEVER. */
uint64_t timers_next(void);

#endif
