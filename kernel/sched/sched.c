/* Which thread runs next. A thread that is ready is either current or on the queue of its priority;
 * `ready_map` and `highest_ready` agree with the queues. Threads are loaded by kernel_next(), by
 * the fast path (switch.h), and by sched_leave() and sched_resume(); all else sets bits of `work`
 * in struct cpu. */
#include "kernel/sched/sched.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/build.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/arch/fast.h"
#include "kernel/sched/switch.h"
#include "kernel/sched/timer.h"

struct cpu cpus[1];

struct cpu *kernel_boot_cpu(void)
{
        return &cpus[0];
}

void sched_init(void)
{
        struct cpu *cpu = this_cpu();
        timers_init();
        cpu->highest_ready = -1;
        for (unsigned i = 0; i < PRIORITIES; i++)
                list_init(&cpu->ready[i]);
        cpu->slice_end = TIME_NEVER;
        cpu->timer_at = TIME_NEVER;
        cpu->work |= KERNEL_CHECK ? WORK_CHOOSE | WORK_CHECK : WORK_CHOOSE;
}

static void dequeue(struct cpu *cpu, struct runnable *thread)
{
        list_remove(&thread->queue_link);
        if (!list_empty(&cpu->ready[thread->priority]))
                return;
        int below = sched_queue_emptied(cpu, thread->priority);
        if (cpu->highest_ready == thread->priority)
                cpu->highest_ready = below;
}

/* Makes `next` current from `now` on; NULL: idle. */
static void make_current(struct cpu *cpu, struct runnable *next, uint64_t now)
{
        if (cpu->current)
                cpu->current->time += now;
        if (next)
                next->time -= now;
        cpu->current = next;
        cpu->work |= WORK_SWITCH;
        if (next && cpu->highest_ready == next->priority)
                sched_set_slice_end(cpu, slice_end(next));
}

/* Makes `next` current at once. The thread that was stays ready, unless it has blocked. */
static void preempt(struct cpu *cpu, struct runnable *next)
{
        struct runnable *current = cpu->current;
        uint64_t now = clock_quick();
        bool over = current && now >= slice_end(current);
        if (current && current->state == THREAD_READY)
                sched_enqueue(cpu, current, !over);
        make_current(cpu, next, now);
        if (over)
                sched_begin_slice(current);
}

/* -1: there is no current thread, or it has blocked. */
static inline int current_priority(const struct cpu *cpu)
{
        return cpu->current && cpu->current->state == THREAD_READY ? cpu->current->priority : -1;
}

void sched_ready(struct runnable *thread)
{
        struct cpu *cpu = this_cpu();
        int priority = thread->priority, current = current_priority(cpu);
        thread->state = THREAD_READY;
        if (cpu->current == thread)
                return;
        sched_begin_slice(thread);
        if (priority > current && priority > cpu->highest_ready) {
                preempt(cpu, thread);
                cpu->work &= ~(uint64_t)WORK_CHOOSE;
                return;
        }
        sched_enqueue(cpu, thread, false);
        if (priority >= current)
                cpu->work |= WORK_CHOOSE;
}

void sched_unready(struct runnable *thread)
{
        struct cpu *cpu = this_cpu();
        if (cpu->current == thread)
                cpu->work |= WORK_CHOOSE;
        else if (!list_empty(&thread->queue_link))
                dequeue(cpu, thread);
}

void sched_switch_to(struct runnable *thread)
{
        struct cpu *cpu = this_cpu();
        if (cpu->highest_ready > thread->priority || current_priority(cpu) >= 0) {
                sched_ready(thread);
                cpu->work |= WORK_CHOOSE;
                return;
        }
        thread->state = THREAD_READY;
        make_current(cpu, thread, clock_quick());
        cpu->work &= ~(uint64_t)WORK_CHOOSE;
}

void sched_leave(struct runnable *thread, enum thread_state state)
{
        struct cpu *cpu = this_cpu();
        kassert(cpu->current == thread && state > THREAD_READY);
        if (cpu->highest_ready >= 0) {
                struct runnable *next = sched_take_first(cpu);
                uint64_t now = clock_quick();
                sched_may_run(cpu, next, next->priority, now);
                sched_hand_over(cpu, thread, state, next, now);
        } else {
                thread->state = (uint8_t)state;
                cpu->work |= WORK_CHOOSE;
        }
        arch_resume_saved();
}

void sched_resume(struct runnable *thread)
{
        struct cpu *cpu = this_cpu();
        if (cpu->work == WORK_SWITCH && cpu->current != thread) {
                cpu->work = 0;
                arch_hand_over(cpu, &thread->context, &cpu->current->context, cpu->current->space);
        }
        arch_resume_saved();
}

void sched_yield(void)
{
        struct cpu *cpu = this_cpu();
        if (!list_empty(&cpu->ready[cpu->current->priority]))
                cpu->current->turn = cpu->current->time;
        cpu->work |= WORK_CHOOSE;
}

void sched_set_priority(struct runnable *thread, unsigned priority)
{
        struct cpu *cpu = this_cpu();
        bool queued = !list_empty(&thread->queue_link) && thread->state == THREAD_READY;
        if (thread->priority == priority)
                return;
        if (queued)
                dequeue(cpu, thread);
        thread->priority = (uint8_t)priority;
        if (queued)
                sched_enqueue(cpu, thread, false);
        if (queued || cpu->current == thread)
                cpu->work |= WORK_CHOOSE;
}

void sched_choose(struct cpu *cpu)
{
        int current = current_priority(cpu), best = cpu->highest_ready;
        if (best < current)
                return;
        if (best == current && best >= 0 && clock_quick() < slice_end(cpu->current)) {
                sched_set_slice_end(cpu, slice_end(cpu->current));
                return;
        }
        preempt(cpu, best >= 0 ? sched_take_first(cpu) : NULL);
}

uint64_t sched_time(const struct runnable *thread)
{
        return this_cpu()->current == thread ? thread->time + clock_quick() : thread->time;
}

void sched_arm(struct cpu *cpu)
{
        uint64_t wanted = timers_next();
        if (cpu->slice_end < wanted)
                wanted = cpu->slice_end;
        if (wanted >= cpu->timer_at)
                return;
        cpu->timer_at = wanted;
        timer_arm(wanted);
}
