/* The parts of a thread switch that the scheduler and the fast path share.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_SWITCH_H
#define KERNEL_SCHED_SWITCH_H

#include "kernel/arch/fast.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"

/* Puts a ready thread into the queue of its priority: before its equals, or behind them. */
static inline void sched_enqueue(struct cpu *cpu, struct runnable *thread, bool first)
{
        unsigned priority = thread->priority;
        if (first)
                list_prepend(&cpu->ready[priority], &thread->queue_link);
        else
                list_append(&cpu->ready[priority], &thread->queue_link);
        cpu->ready_map[priority / 64] |= 1ull << priority % 64;
        if ((int)priority > cpu->highest_ready)
                cpu->highest_ready = (int)priority;
}

/* A queue has become empty. Returns the highest ready priority below it, or -1. */
static inline int sched_queue_emptied(struct cpu *cpu, unsigned priority)
{
        unsigned i = priority / 64;
        cpu->ready_map[i] &= ~(1ull << priority % 64);
        while (i > 0 && !cpu->ready_map[i])
                i--;
        if (!cpu->ready_map[i])
                return -1;
        return (int)(i * 64 + 63) - __builtin_clzll(cpu->ready_map[i]);
}

/* Takes the next thread to run off its queue; there is one. */
static inline struct runnable *sched_take_first(struct cpu *cpu)
{
        unsigned priority = (unsigned)cpu->highest_ready;
        struct runnable *first =
            container_of(cpu->ready[priority].next, struct runnable, queue_link);
        list_remove(&first->queue_link);
        if (list_empty(&cpu->ready[priority]))
                cpu->highest_ready = sched_queue_emptied(cpu, priority);
        return first;
}

/* When the slice of the current thread ends. */
static inline uint64_t slice_end(const struct runnable *current)
{
        return current->turn - current->time;
}

static inline void sched_set_slice_end(struct cpu *cpu, uint64_t time)
{
        cpu->slice_end = time;
        if (time < cpu->timer_at)
                cpu->work |= WORK_ARM;
}

static inline void sched_begin_slice(struct runnable *thread)
{
        thread->turn = thread->time + SLICE_NS;
}

/* A thread that was blocked becomes ready behind the current one, which has its priority. */
static inline void sched_ready_equal(struct cpu *cpu, struct runnable *thread)
{
        thread->state = THREAD_READY;
        sched_begin_slice(thread);
        sched_enqueue(cpu, thread, false);
        sched_set_slice_end(cpu, slice_end(cpu->current));
}

/* Whether nothing ready is to run before `next`, which has that priority from `now` on. An equal
 * gets its turn after it. */
static inline bool sched_may_run(struct cpu *cpu, const struct runnable *next, unsigned priority,
                                 uint64_t now)
{
        if (__builtin_expect(cpu->highest_ready < (int)priority, 1))
                return true;
        sched_set_slice_end(cpu, slice_end(next) + now);
        return cpu->highest_ready == (int)priority;
}

/* For the fast path: puts the current thread into `state` and switches to `next` at once, as
 * sched_resume() does; all other switches are made by kernel_next() at the end of the entry. `next`
 * is on no queue, and sched_may_run(). */
static inline void sched_hand_over(struct cpu *cpu, struct runnable *thread,
                                   enum thread_state state, struct runnable *next, uint64_t now)
{
        thread->state = (uint8_t)state;
        next->state = THREAD_READY;
        thread->time += now;
        next->time -= now;
        cpu->current = next;
        arch_hand_over(cpu, &thread->context, &next->context, next->space);
}

#endif
