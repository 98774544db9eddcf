/* What the entries of entry.S lead to: which exception is which fault, and who takes an interrupt.
 * In kernel mode an exception is a panic; an undefined instruction may be a failed assertion. */
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/interrupt.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/arch/entry.h"

/* Called by entry.S. The frames of trap_kernel() and trap_fatal() are contexts up to `ss` only. */
void trap_user(struct context *context);
void trap_interrupt(unsigned vector);
void trap_kernel(struct context *frame);
void trap_fatal(struct context *frame) __attribute__((noreturn));
void trap_bad_rip(struct context *context);

/* By vector: SDM volume 3, table 6-1. */
static const uint8_t fault_reasons[32] = {
    [0] = FAULT_ARITHMETIC,  [1] = FAULT_BREAKPOINT,  [3] = FAULT_BREAKPOINT,
    [4] = FAULT_ARITHMETIC,  [6] = FAULT_INSTRUCTION, [7] = FAULT_INSTRUCTION,
    [14] = FAULT_PAGE,       [16] = FAULT_ARITHMETIC, [17] = FAULT_ALIGNMENT,
    [19] = FAULT_ARITHMETIC,
};

void trap_interrupt(unsigned vector)
{
        if (vector == VECTOR_TIMER)
                clock_timer_fired();
        else if (vector >= VECTOR_LINES && vector < VECTOR_LINES + INTERRUPT_LINES)
                interrupt_line_fired(vector - VECTOR_LINES);
        /* All others are spurious, from the masked PIC or the local APIC: not acknowledged. */
}

/* SDM volume 3, 4.7. */
static unsigned page_fault_access(uint64_t error)
{
        enum { ERROR_WRITE = 2, ERROR_FETCH = 16 };
        return error & ERROR_WRITE ? MAP_WRITE : error & ERROR_FETCH ? MAP_EXECUTE : MAP_READ;
}

void trap_user(struct context *context)
{
        unsigned vector = (unsigned)context->arch.vector;
        if (vector >= VECTOR_PIC) {
                trap_interrupt(vector);
                return;
        }
        unsigned reason = fault_reasons[vector] ? fault_reasons[vector] : FAULT_PROTECTION;
        if (vector == VECTOR_PAGE)
                kernel_fault(context, reason, cr2_read(), page_fault_access(context->arch.error));
        else
                kernel_fault(context, reason, 0, 0);
}

void trap_bad_rip(struct context *context)
{
        kassert(context->arch.rip >= USER_END);
        context->arch.vector = VECTOR_GENERAL;
        context->arch.error = 0;
        kernel_fault(context, FAULT_PROTECTION, 0, 0);
}

static void panic_frame(const struct context *frame, const char *what) __attribute__((noreturn));
static void panic_frame(const struct context *frame, const char *what)
{
        panic_context(frame, "%s (vector %lu, error code %lx, address %lx)", what,
                      frame->arch.vector, frame->arch.error, cr2_read());
}

extern const struct assertion assertions_start[], assertions_end[]; /* linker.ld */

/* Returns if the instruction at which the kernel has stopped is none of an assertion. */
static void panic_assertion(const struct context *frame)
{
        for (const struct assertion *one = assertions_start; one < assertions_end; one++)
                if (one->place == frame->arch.rip)
                        panic_context(frame, "%s:%lu: assertion failed: %s", one->file, one->line,
                                      one->condition);
}

void trap_kernel(struct context *frame)
{
        if (frame->arch.vector == VECTOR_INVALID)
                panic_assertion(frame);
        if (frame->arch.vector < VECTOR_PIC)
                panic_frame(frame, "exception in the kernel");
        trap_interrupt((unsigned)frame->arch.vector);
}

void trap_fatal(struct context *frame)
{
        const char *what = frame->arch.vector == VECTOR_NMI      ? "non-maskable interrupt"
                           : frame->arch.vector == VECTOR_DOUBLE ? "double fault"
                                                                 : "machine check";
        panic_frame(frame, what);
}
