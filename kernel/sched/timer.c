#include "kernel/sched/timer.h"
#include "kernel/abi/message.h"
#include "kernel/include/list.h"

static struct tree timers;

void timer_set(struct timer *timer, uint64_t deadline, void (*expire)(struct timer *timer))
{
        if (deadline == TIME_NEVER)
                return;
        timer->expire = expire;
        tree_insert(&timers, &timer->node, deadline);
}

void timer_cancel(struct timer *timer)
{
        tree_remove(&timers, &timer->node);
}

void timers_run(uint64_t now)
{
        struct tree_node *node;
        while ((node = tree_first(&timers)) && node->key <= now) {
                struct timer *timer = container_of(node, struct timer, node);
                tree_remove(&timers, node);
                timer->expire(timer);
        }
}

uint64_t timers_next(void)
{
        struct tree_node *node = tree_first(&timers);
        return node ? node->key : TIME_NEVER;
}
