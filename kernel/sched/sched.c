/* Which thread runs next. A thread that is ready is either current or on the queue of its priority;
 * `ready_map` and `highest_ready` agree with the queues. Only kernel_next() and the fast path
 * (switch.h) load another thread; everything else sets bits of `work` in struct cpu. */
#include "kernel/sched/sched.h"
#include "kernel/debug/check.h"
#include "kernel/include/arch/arch.h"
#include "kernel/object/device.h"
#include "kernel/sched/switch.h"
#include "kernel/sched/timer.h"

struct thread *current_thread(void)
{
        return this_cpu()->current;
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

static void dequeue(struct cpu *cpu, struct thread *thread)
{
        list_remove(&thread->queue_link);
        if (!list_empty(&cpu->ready[thread->priority]))
                return;
        int below = sched_queue_emptied(cpu, thread->priority);
        if (cpu->highest_ready == thread->priority)
                cpu->highest_ready = below;
}

void sched_ready(struct thread *thread)
{
        struct cpu *cpu = this_cpu();
        thread->state = THREAD_READY;
        if (cpu->current == thread)
                return;
        thread->slice_used = 0;
        sched_enqueue(cpu, thread, false);
        if (!cpu->current || thread->priority >= cpu->current->priority)
                cpu->work |= WORK_CHOOSE;
}

void sched_unready(struct thread *thread)
{
        struct cpu *cpu = this_cpu();
        if (cpu->current == thread)
                cpu->work |= WORK_CHOOSE;
        else if (!list_empty(&thread->queue_link))
                dequeue(cpu, thread);
}

/* Makes `next` current from `now` on; NULL: idle. */
static void make_current(struct cpu *cpu, struct thread *next, uint64_t now)
{
        if (cpu->current)
                sched_account(cpu, cpu->current, now);
        cpu->switched_at = now;
        cpu->current = next;
        cpu->context = next ? &next->context : NULL;
        cpu->work |= WORK_SWITCH;
        cpu->slice_end = TIME_NEVER;
        if (next && cpu->highest_ready == next->priority)
                sched_set_slice_end(cpu, slice_end(next, now));
}

void sched_switch_to(struct thread *thread)
{
        struct cpu *cpu = this_cpu();
        if (cpu->highest_ready > thread->priority) {
                sched_ready(thread);
                cpu->work |= WORK_CHOOSE;
                return;
        }
        thread->state = THREAD_READY;
        make_current(cpu, thread, clock_now());
        cpu->work &= ~(uint64_t)WORK_CHOOSE;
}

void sched_yield(void)
{
        struct cpu *cpu = this_cpu();
        if (!list_empty(&cpu->ready[cpu->current->priority]))
                cpu->current->slice_used = SLICE_NS;
        cpu->work |= WORK_CHOOSE;
}

void sched_set_priority(struct thread *thread, unsigned priority)
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

/* Chooses between the current thread and the ready ones. A preempted thread stays before its equals
 * with the rest of its slice, and goes behind them when the slice is used up. */
static void choose(struct cpu *cpu)
{
        struct thread *current = cpu->current;
        int best = cpu->highest_ready;
        uint64_t now = clock_now();
        bool over = current && now >= slice_end(current, cpu->switched_at);
        if (current && current->state == THREAD_READY) {
                if (best < current->priority || (best == current->priority && !over)) {
                        if (best == current->priority)
                                sched_set_slice_end(cpu, slice_end(current, cpu->switched_at));
                        return;
                }
                sched_enqueue(cpu, current, !over);
        }
        struct thread *next = NULL;
        if (best >= 0)
                next = sched_take_first(cpu);
        make_current(cpu, next, now);
        if (over)
                current->slice_used = 0;
}

static void handle_pending(struct cpu *cpu)
{
        if (cpu->work & WORK_RELEASE) {
                cpu->work &= ~(uint64_t)WORK_RELEASE;
                objects_release();
        }
        if (cpu->work & WORK_TIMER) {
                cpu->work &= ~(uint64_t)WORK_TIMER;
                cpu->work |= WORK_ARM;
                timers_run(clock_now());
                if (cpu->slice_end != TIME_NEVER)
                        cpu->work |= WORK_CHOOSE;
        }
        cpu->work &= ~(uint64_t)WORK_INTERRUPT;
        while (cpu->interrupts_pending) {
                unsigned line = (unsigned)__builtin_ctzll(cpu->interrupts_pending);
                cpu->interrupts_pending &= ~(1ull << line);
                interrupt_fired(line);
        }
}

/* The hardware timer is never set to a later time: if it fires too early, it is armed again. */
static void arm(struct cpu *cpu)
{
        uint64_t wanted = timers_next();
        if (cpu->slice_end < wanted)
                wanted = cpu->slice_end;
        if (wanted >= cpu->timer_at)
                return;
        cpu->timer_at = wanted;
        timer_arm(wanted);
}

struct context *kernel_next(void)
{
        struct cpu *cpu = this_cpu();
        while (cpu->work & (WORK_RELEASE | WORK_TIMER | WORK_INTERRUPT))
                handle_pending(cpu);
        if (KERNEL_CHECK)
                kernel_check();
        if (cpu->work & WORK_CHOOSE)
                choose(cpu);
        if (cpu->work & WORK_ARM)
                arm(cpu);
        cpu->work = KERNEL_CHECK ? WORK_CHECK : 0;
        struct thread *next = cpu->current;
        if (!next)
                return NULL;
        if (cpu->loaded != next) {
                arch_switch(cpu->loaded ? &cpu->loaded->context : NULL, &next->context,
                            &next->task->space.mmu);
                cpu->loaded = next;
        }
        return &next->context;
}

/* Interrupts may arrive in the middle of a long operation: they are only noted here, and handled
 * when it is over. */
void kernel_timer(void)
{
        struct cpu *cpu = this_cpu();
        cpu->timer_at = TIME_NEVER;
        cpu->work |= WORK_TIMER;
}

void kernel_interrupt(unsigned line)
{
        struct cpu *cpu = this_cpu();
        cpu->interrupts_pending |= 1ull << line;
        cpu->work |= WORK_INTERRUPT;
}
