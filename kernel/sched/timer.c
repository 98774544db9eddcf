/* The radix heap of timer.h. `used` has a bit for exactly those buckets that hold a timer, and a
 * timer is always in the bucket that its place and `last` determine. */
#include "kernel/sched/timer.h"
#include "kernel/sched/cpu.h"

enum { BUCKETS = 64 };

static struct {
        uint64_t last;     /* when timers were last run */
        uint64_t earliest; /* no place is due before */
        uint64_t used;     /* buckets that hold timers */
        /* 0: due; else bucket - 1 is the highest bit in which places differ from `last` */
        struct list bucket[BUCKETS];
} timers;

void timers_init(void)
{
        timers.last = timers.used = 0;
        timers.earliest = TIME_NEVER;
        for (unsigned i = 0; i < BUCKETS; i++)
                list_init(&timers.bucket[i]);
}

void timer_init(struct timer *timer, void (*expire)(struct timer *timer))
{
        list_init(&timer->link);
        timer->deadline = timer->place = TIME_NEVER;
        timer->expire = expire;
}

static void leave(struct timer *timer)
{
        list_remove(&timer->link);
        if (list_empty(&timers.bucket[timer->bucket]))
                timers.used &= ~(1ull << timer->bucket);
        timer->place = TIME_NEVER;
}

/* Puts a timer that is in no bucket into that of its deadline. A deadline beyond the last bucket,
 * in 292 years, counts as never. */
static void enter(struct timer *timer)
{
        uint64_t place = timer->deadline;
        unsigned bucket = 0;
        if (place >> (BUCKETS - 1))
                return;
        if (place > timers.last)
                bucket = BUCKETS - (unsigned)__builtin_clzll(place ^ timers.last);
        timer->place = place;
        timer->bucket = (uint8_t)bucket;
        timers.used |= 1ull << bucket;
        list_append(&timers.bucket[bucket], &timer->link);
}

void timer_insert(struct timer *timer)
{
        struct cpu *cpu = this_cpu();
        if (timer->place != TIME_NEVER)
                leave(timer);
        enter(timer);
        if (timer->place < timers.earliest)
                timers.earliest = timer->place;
        if (timer->place < cpu->timer_at)
                cpu->work |= WORK_ARM;
}

void timer_end(struct timer *timer)
{
        timer_cancel(timer);
        if (timer->place != TIME_NEVER)
                leave(timer);
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
                uint64_t place = container_of(link, struct timer, link)->place;
                if (place < earliest)
                        earliest = place;
        }
        return earliest;
}

/* The place of a timer is due: it expires, moves if it has been set to a later time, or goes if it
 * has been cancelled. */
static void look_at(struct timer *timer, uint64_t now)
{
        list_remove(&timer->link);
        timer->place = TIME_NEVER;
        if (timer->deadline > now) {
                enter(timer);
        } else {
                timer_cancel(timer);
                timer->expire(timer);
        }
}

/* Let h be the highest bit in which `now` differs from `last`. Places that differ from `last` only
 * in lower bits are due; those whose highest difference is h are due or move to a lower bucket; all
 * others stay. */
void timers_run(uint64_t now)
{
        struct list due;
        list_init(&due);
        empty_into(&due, 0);
        if (now > timers.last) {
                unsigned h = BUCKETS - 1 - (unsigned)__builtin_clzll(now ^ timers.last);
                for (unsigned bucket = 1; bucket <= h + 1; bucket++)
                        empty_into(&due, bucket);
                timers.last = now;
        }
        while (!list_empty(&due))
                look_at(container_of(due.next, struct timer, link), now);
        timers.earliest = find_earliest();
}

uint64_t timers_next(void)
{
        return timers.used ? timers.earliest : TIME_NEVER;
}
