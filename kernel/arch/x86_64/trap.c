/* What the entries of entry.S lead to: which exception is which fault, and who takes an interrupt.
 * In kernel mode an exception is a panic. */
#include "kernel/arch/x86_64/apic.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/interrupt.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/debug/panic.h"
#include "kernel/include/arch/arch.h"

/* Called by entry.S. The frames of trap_kernel() and trap_fatal() are contexts up to `ss` only. */
void trap_user(struct context *context);
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

static void interrupt(unsigned vector)
{
        if (vector == VECTOR_TIMER)
                apic_timer_fired();
        else if (vector >= VECTOR_LINES && vector < VECTOR_LINES + INTERRUPT_LINES)
                interrupt_line_fired(vector - VECTOR_LINES);
        /* All others are spurious, from the masked PIC or the local APIC: not acknowledged. */
}

void trap_user(struct context *context)
{
        unsigned vector = (unsigned)context->vector;
        if (vector >= VECTOR_PIC) {
                interrupt(vector);
                return;
        }
        uint64_t address = vector == VECTOR_PAGE ? cr2_read() : 0;
        unsigned reason = fault_reasons[vector] ? fault_reasons[vector] : FAULT_PROTECTION;
        kernel_fault(context, reason, address);
}

void trap_bad_rip(struct context *context)
{
        context->vector = VECTOR_GENERAL;
        context->error = 0;
        kernel_fault(context, FAULT_PROTECTION, 0);
}

static void panic_frame(const struct context *frame, const char *what) __attribute__((noreturn));
static void panic_frame(const struct context *frame, const char *what)
{
        struct registers registers;
        context_registers(frame, &registers);
        registers.fs_base = registers.gs_base = 0;
        panic_registers(&registers, "%s (vector %lu, error code %lx, address %lx)", what,
                        frame->vector, frame->error, cr2_read());
}

void trap_kernel(struct context *frame)
{
        if (frame->vector < VECTOR_PIC)
                panic_frame(frame, "exception in the kernel");
        interrupt((unsigned)frame->vector);
}

void trap_fatal(struct context *frame)
{
        const char *what = frame->vector == VECTOR_NMI      ? "non-maskable interrupt"
                           : frame->vector == VECTOR_DOUBLE ? "double fault"
                                                            : "machine check";
        panic_frame(frame, what);
}
