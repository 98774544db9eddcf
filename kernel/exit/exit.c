/* The way out of the kernel: what an entry has left to do before a thread returns to user mode.
 *
 * Interrupts may arrive in the middle of a long operation: they are only noted here, and handled
 * when it is over. Ending objects, timers and interrupts can cause more of each; kernel_next()
 * leaves none behind, and only then chooses a thread. */
#include "kernel/arch/arch.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/build.h"
#include "kernel/debug/panic.h"
#include "kernel/device/device.h"
#include "kernel/exit/check.h"
#include "kernel/exit/line.h"
#include "kernel/sched/switch.h"
#include "kernel/sched/timer.h"

void kernel_timer(void)
{
        struct cpu *cpu = this_cpu();
        cpu->timer_at = TIME_NEVER;
        cpu->work |= WORK_TIMER;
}

void kernel_interrupt(unsigned line)
{
        struct cpu *cpu = this_cpu();
        kassert(line < INTERRUPT_LINES);
        cpu->interrupts_pending |= 1ull << line;
        cpu->work |= WORK_INTERRUPT;
}

static void handle_timers(struct cpu *cpu)
{
        kassert(cpu->timer_at == TIME_NEVER);
        cpu->work |= WORK_ARM;
        timers_run(clock_now());
        if (cpu->slice_end != TIME_NEVER)
                cpu->work |= WORK_CHOOSE;
        cpu->slice_end = TIME_NEVER;
}

static void handle_interrupts(struct cpu *cpu)
{
        while (cpu->interrupts_pending) {
                unsigned line = (unsigned)__builtin_ctzll(cpu->interrupts_pending);
                cpu->interrupts_pending &= ~(1ull << line);
                interrupt_fired(line);
        }
}

static void handle_pending(struct cpu *cpu)
{
        uint64_t work = cpu->work;
        cpu->work &= ~(uint64_t)(WORK_RELEASE | WORK_TIMER | WORK_INTERRUPT);
        if (work & WORK_RELEASE)
                objects_release();
        if (work & WORK_TIMER)
                handle_timers(cpu);
        if (work & WORK_INTERRUPT)
                handle_interrupts(cpu);
}

struct context *kernel_next(void)
{
        struct cpu *cpu = this_cpu();
        while (cpu->work & (WORK_RELEASE | WORK_TIMER | WORK_INTERRUPT))
                handle_pending(cpu);
        if (cpu->work & WORK_LINE)
                line_wait();
        if (KERNEL_CHECK)
                kernel_check();
        if (cpu->work & WORK_CHOOSE)
                sched_choose(cpu);
        if (cpu->work & WORK_ARM)
                sched_arm(cpu);
        cpu->work = KERNEL_CHECK ? WORK_CHECK : 0;
        struct runnable *next = cpu->current;
        if (!next)
                return NULL;
        kassert(next->state == THREAD_READY && next->priority >= cpu->highest_ready);
        if (context_loaded() != &next->context)
                arch_switch(&next->context, next->space);
        return &next->context;
}
