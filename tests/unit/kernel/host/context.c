/* Threads' registers (kernel/arch/context.h), and what the trap code does with them. */
#include "kernel/arch/context.h"
#include <string.h>
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/arch/fast.h"
#include "kernel/sched/cpu.h"
#include "tests/unit/kernel/host/machine.h"

enum { VECTORS_BYTES = 832, VECTORS_INITIAL = 0x7f };

size_t vectors_size(void)
{
        return VECTORS_BYTES;
}

void context_init(struct context *context, uint64_t entry, uint64_t stack, uint64_t argument,
                  void *vectors)
{
        kassert((uint64_t)context % _Alignof(struct context) == 0 && (uint64_t)vectors % 64 == 0);
        memset(vectors, VECTORS_INITIAL, VECTORS_BYTES);
        *context = (struct context){
            .handle = argument, .arch = {.rip = entry, .rsp = stack}, .vectors = vectors};
}

void context_reflect(struct context *context, uint64_t handler)
{
        context->arch.rcx = context->arch.rip;
        context->arch.r11 = context->arch.rflags;
        context->arch.rip = handler;
        context->arch.vector = 0;
}

void context_set_fs_base(struct context *context, uint64_t base)
{
        context->arch.fs_base = base;
}

void context_set_gs_base(struct context *context, uint64_t base)
{
        context->arch.gs_base = base;
}

/* What struct registers and struct context have in the same places. */
enum { REGISTERS_ALIKE = offsetof(struct registers, rip) };

void context_registers(const struct context *context, struct registers *registers)
{
        memcpy(registers, context, REGISTERS_ALIKE);
        registers->rip = context->arch.rip;
        registers->rflags = context->arch.rflags;
        registers->rsp = context->arch.rsp;
        registers->fs_base = context->arch.fs_base;
        registers->gs_base = context->arch.gs_base;
}

bool context_set_registers(struct context *context, const struct registers *registers)
{
        if (registers->rip >= USER_END)
                return false;
        memcpy(context, registers, REGISTERS_ALIKE);
        context->arch.rip = registers->rip;
        context->arch.rsp = registers->rsp;
        return true;
}

/* Touches all that a real switch does, so that one from or to a thread that is gone is found. */
static struct context *loaded;

struct context *context_loaded(void)
{
        return loaded;
}

void context_unload(const struct context *context)
{
        if (loaded == context)
                loaded = NULL;
}

void arch_switch(struct context *to, struct mmu *space)
{
        if (loaded)
                memset(loaded->vectors, VECTORS_INITIAL, VECTORS_BYTES);
        mmu_load(space);
        for (unsigned i = 0; i < VECTORS_BYTES; i++)
                kassert(((const uint8_t *)to->vectors)[i] == VECTORS_INITIAL);
        loaded = to;
}

void arch_hand_over(struct cpu *cpu, struct context *from, struct context *to, struct mmu *space)
{
        kassert(cpu == this_cpu() && from == loaded);
        arch_switch(to, space);
}
