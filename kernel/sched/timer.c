#include "kernel/sched/timer.h"
#include "kernel/abi/message.h"

enum { BUCKETS = 64 };

static struct {
        uint64_t last;     /* when timers were last run */
        uint64_t earliest; /* no timer is due before */
        uint64_t used;     /* buckets that hold timers */
        /* 0: due; else bucket - 1 is the highest bit in which deadlines differ from `last` */
        struct list bucket[BUCKETS];
} timers;

void timers_init(void)
{
        timers.last = timers.used = 0;
        timers.earliest = TIME_NEVER;
        for (unsigned i = 0; i < BUCKETS; i++)
                list_init(&timers.bucket[i]);
}

static void insert(struct timer *timer)
{
        unsigned bucket = 0;
        if (timer->deadline > timers.last)
                bucket = BUCKETS - (unsigned)__builtin_clzll(timer->deadline ^ timers.last);
        timer->bucket = (uint8_t)bucket;
        timers.used |= 1ull << bucket;
        list_append(&timers.bucket[bucket], &timer->link);
}

void timer_set(struct timer *timer, uint64_t deadline, void (*expire)(struct timer *timer))
{
        if (deadline >> (BUCKETS - 1))
                return;
        timer->deadline = deadline;
        timer->expire = expire;
        if (deadline < timers.earliest)
                timers.earliest = deadline;
        insert(timer);
}

void timer_cancel(struct timer *timer)
{
        if (!timer_is_set(timer))
                return;
        list_remove(&timer->link);
        if (list_empty(&timers.bucket[timer->bucket]))
                timers.used &= ~(1ull << timer->bucket);
}

/* Empties a bucket into another list. */
static void empty_into(struct list *to, unsigned bucket)
{
        struct list *from = &timers.bucket[bucket];
        timers.used &= ~(1ull << bucket);
        if (list_empty(from))
                return;
        from->next->prev = to->prev;
        to->prev->next = from->next;
        from->prev->next = to;
        to->prev = from->prev;
        list_init(from);
}

static uint64_t find_earliest(void)
{
        uint64_t earliest = TIME_NEVER;
        if (!timers.used)
                return earliest;
        list_for_each(link, &timers.bucket[__builtin_ctzll(timers.used)])
        {
                uint64_t deadline = container_of(link, struct timer, link)->deadline;
                if (deadline < earliest)
                        earliest = deadline;
        }
        return earliest;
}

/* With h the highest bit that `now` adds to `last`, what differs from `last` in lower bits alone is
 * due; what differs in h first belongs to a lower bucket now, or is due; all the rest stays. */
void timers_run(uint64_t now)
{
        struct list due, moved;
        list_init(&due);
        list_init(&moved);
        empty_into(&due, 0);
        if (now > timers.last) {
                unsigned h = BUCKETS - 1 - (unsigned)__builtin_clzll(now ^ timers.last);
                for (unsigned bucket = 1; bucket <= h; bucket++)
                        empty_into(&due, bucket);
                empty_into(&moved, h + 1);
                timers.last = now;
        }
        while (!list_empty(&moved)) {
                struct timer *timer = container_of(moved.next, struct timer, link);
                list_remove(&timer->link);
                if (timer->deadline <= now)
                        list_append(&due, &timer->link);
                else
                        insert(timer);
        }
        while (!list_empty(&due)) {
                struct timer *timer = container_of(due.next, struct timer, link);
                list_remove(&timer->link);
                timer->expire(timer);
        }
        timers.earliest = find_earliest();
}

uint64_t timers_next(void)
{
        return timers.used ? timers.earliest : TIME_NEVER;
}
