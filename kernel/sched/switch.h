/* What happens when the processor goes from one thread to another: shared by the scheduler and the
 * fast path.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_SCHED_SWITCH_H
#define KERNEL_SCHED_SWITCH_H

#include "kernel/include/arch/arch.h"
#include "kernel/object/task.h"
#include "kernel/object/thread.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"

/* Puts a ready thread into the queue of its priority: before its equals, or behind them. */
static inline void sched_enqueue(struct cpu *cpu, struct thread *thread, bool first)
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

/* A queue is empty now; the highest priority below it that is ready, or -1. */
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

/* Takes the thread out of its queue that is to run next; there is one. */
static inline struct thread *sched_take_first(struct cpu *cpu)
{
        unsigned priority = (unsigned)cpu->highest_ready;
        struct thread *first = container_of(cpu->ready[priority].next, struct thread, queue_link);
        list_remove(&first->queue_link);
        if (list_empty(&cpu->ready[priority]))
                cpu->highest_ready = sched_queue_emptied(cpu, priority);
        return first;
}

/* When a thread that runs from `now` on has had its slice. */
static inline uint64_t slice_end(const struct thread *thread, uint64_t now)
{
        return thread->slice_used < SLICE_NS ? now + SLICE_NS - thread->slice_used : now;
}

static inline void sched_set_slice_end(struct cpu *cpu, uint64_t time)
{
        cpu->slice_end = time;
        if (time < cpu->timer_at)
                cpu->work |= WORK_ARM;
}

/* The current thread's time up to `now` is counted. */
static inline void sched_account(struct cpu *cpu, struct thread *current, uint64_t now)
{
        uint64_t ran = now - cpu->switched_at;
        current->cpu_time += ran;
        current->slice_used += ran;
        cpu->switched_at = now;
}

/* For the fast path: the current thread is in `state` and not to run on, and the processor goes to
 * `next`, which is on no queue, here and now: unlike all other switches, which kernel_next() makes
 * at the end of the entry. Nothing ready has a higher priority than `next`; its context is that of
 * a system call. */
static inline void sched_hand_over(struct cpu *cpu, struct thread *thread, enum thread_state state,
                                   struct thread *next, uint64_t now)
{
        thread->state = (uint8_t)state;
        next->state = THREAD_READY;
        sched_account(cpu, thread, now);
        cpu->current = cpu->loaded = next;
        cpu->slice_end = TIME_NEVER;
        if (cpu->highest_ready == next->priority)
                sched_set_slice_end(cpu, slice_end(next, now));
        arch_switch(&thread->context, &next->context, &next->task->space.mmu);
}

#endif
