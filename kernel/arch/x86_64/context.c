/* Threads' registers: struct context, the vector state and the segment bases (context.h). RSP0
 * leads to the context that is loaded, into which the next entry saves; 0: none is. */
#include "kernel/arch/context.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/fast.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/string.h"

_Static_assert(offsetof(struct context, word) == FRAME_R8, "layout.h");
_Static_assert(offsetof(struct context, handle) == FRAME_RDI, "layout.h");
_Static_assert(offsetof(struct context, outcome) == FRAME_RAX, "layout.h");
_Static_assert(offsetof(struct context, arch.r11) == FRAME_R11, "layout.h");
_Static_assert(offsetof(struct context, arch.vector) == FRAME_VECTOR, "layout.h");
_Static_assert(offsetof(struct context, arch.rip) == FRAME_RIP, "layout.h");
_Static_assert(offsetof(struct context, arch.rflags) == FRAME_RFLAGS, "layout.h");
_Static_assert(offsetof(struct context, arch.ss) == FRAME_SS, "layout.h");
_Static_assert(offsetof(struct context, arch.fs_base) == FRAME_END, "layout.h");
_Static_assert(FRAME_END % 16 == 0 && _Alignof(struct context) == 16,
               "the processor aligns the frame that it pushes");
_Static_assert(ARCH_VECTOR_SYSCALL == FRAME_SYSCALL, "layout.h");
_Static_assert(SYSCALL_BASE == SYSCALLS_FIRST && SYSCALL_MESSAGES == SYSCALLS_MESSAGES &&
                   SYSCALL_NUMBERS == SYSCALLS_NUMBERS,
               "layout.h");

/* ---- vector state: SDM volume 1, 13.4 and table 10-2 ---- */

enum { VECTORS_FCW = 0, VECTORS_MXCSR = 24, FCW_INITIAL = 0x37f, MXCSR_INITIAL = 0x1f80 };

size_t vectors_size(void)
{
        return cpu_features.vectors_bytes;
}

static void vectors_init(uint8_t *area)
{
        static const uint16_t fcw = FCW_INITIAL;
        static const uint32_t mxcsr = MXCSR_INITIAL;
        memset(area, 0, cpu_features.vectors_bytes);
        memcpy(area + VECTORS_FCW, &fcw, sizeof fcw);
        memcpy(area + VECTORS_MXCSR, &mxcsr, sizeof mxcsr);
}

static void vectors_save(void *area)
{
        uint32_t low = (uint32_t)cpu_features.xsave_mask, high = 0;
        if (cpu_features.xsave)
                __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
        else
                __asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

/* Loads the x87's error pointers with the kernel's own, where the next instruction would leave
 * those of another task. */
static void pointers_clear(void)
{
        static const int32_t zero;
        __asm__ volatile("fnclex\n\temms\n\tfildl %0" : : "m"(zero) : "memory");
}

static void vectors_load(const void *area)
{
        if (cpu_features.leaves_pointers)
                pointers_clear();
        uint32_t low = (uint32_t)cpu_features.xsave_mask, high = 0;
        if (cpu_features.xsave)
                __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
        else
                __asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

/* ---- segment bases ---- */

/* With FSGSBASE a program can change its bases itself, so they are saved; without it the context
 * always has them. */
static void bases_switch(struct context *from, const struct context *to)
{
        if (from && cpu_features.fsgsbase) {
                bases_swap(from, to);
        } else {
                msr_write(MSR_FS_BASE, to->arch.fs_base);
                msr_write(MSR_KERNEL_GS_BASE, to->arch.gs_base);
        }
}

/* The current bases of the loaded context. */
static void bases_read(uint64_t *fs, uint64_t *gs)
{
        *fs = msr_read(MSR_FS_BASE);
        *gs = msr_read(MSR_KERNEL_GS_BASE);
}

void context_unload(const struct context *context)
{
        if (context_loaded() == context)
                this_head()->arch.tss.rsp[0] = 0;
}

void context_set_fs_base(struct context *context, uint64_t base)
{
        kassert(base < USER_END); /* the processor would refuse some */
        context->arch.fs_base = base;
        if (context_loaded() == context)
                msr_write(MSR_FS_BASE, base);
}

void context_set_gs_base(struct context *context, uint64_t base)
{
        kassert(base < USER_END);
        context->arch.gs_base = base;
        if (context_loaded() == context)
                msr_write(MSR_KERNEL_GS_BASE, base);
}

/* ---- contexts ---- */

void context_init(struct context *context, uint64_t entry, uint64_t stack, uint64_t argument,
                  void *vectors)
{
        kassert((uint64_t)context % _Alignof(struct context) == 0 && (uint64_t)vectors % 64 == 0);
        kassert(entry < USER_END && stack <= USER_END);
        vectors_init(vectors);
        *context = (struct context){
            .handle = argument,
            .arch =
                {
                    .rip = entry,
                    .cs = USER_CODE,
                    .rflags = RFLAGS_RESERVED | RFLAGS_IF,
                    .rsp = stack,
                    .ss = USER_DATA,
                },
            .vectors = vectors,
        };
}

void context_reflect(struct context *context, uint64_t handler)
{
        kassert(arch_is_syscall(&context->arch) && handler < USER_END);
        context->arch.rcx = context->arch.rip;
        context->arch.r11 = context->arch.rflags;
        context->arch.rip = handler;
        context->arch.vector = 0; /* SYSRET could not give back RCX and R11 */
}

/* From the first word on struct registers is laid out as struct context. */
enum { REGISTERS_ALIKE = offsetof(struct registers, rip) };
_Static_assert(REGISTERS_ALIKE == FRAME_VECTOR, "message.h");

void context_registers(const struct context *context, struct registers *registers)
{
        memcpy(registers, context, REGISTERS_ALIKE);
        registers->rip = context->arch.rip;
        registers->rflags = context->arch.rflags;
        registers->rsp = context->arch.rsp;
        registers->fs_base = context->arch.fs_base;
        registers->gs_base = context->arch.gs_base;
        if (arch_is_syscall(&context->arch)) {
                registers->rcx = context->arch.rip;
                registers->r11 = context->arch.rflags;
        }
        if (context_loaded() == context)
                bases_read(&registers->fs_base, &registers->gs_base);
}

/* SDM 1, 3.4.3: CF, PF, AF, ZF, SF, DF, OF, AC, ID. */
#define RFLAGS_OF_USER 0x240cd5ull

bool context_set_registers(struct context *context, const struct registers *registers)
{
        if (registers->rip >= USER_END || registers->rsp > USER_END ||
            registers->fs_base >= USER_END || registers->gs_base >= USER_END)
                return false;
        memcpy(context, registers, REGISTERS_ALIKE);
        context->arch.vector = context->arch.error = 0; /* no system call: loads all of them */
        context->arch.rip = registers->rip;
        context->arch.rflags = (registers->rflags & RFLAGS_OF_USER) | RFLAGS_RESERVED | RFLAGS_IF;
        context->arch.rsp = registers->rsp;
        context_set_fs_base(context, registers->fs_base);
        context_set_gs_base(context, registers->gs_base);
        return true;
}

void context_print(const struct context *context)
{
        static const char names[][4] = {"r8",  "r9",  "rbx", "rbp", "r12", "r13", "r14", "r15",
                                        "rdi", "rsi", "rdx", "r10", "rax", "rcx", "r11"};
        for (unsigned i = 0; i < REGISTERS_ALIKE / sizeof(uint64_t); i++)
                log_print("%-3s %016lx%c", names[i], ((const uint64_t *)context)[i],
                          i % 3 == 2 ? '\n' : ' ');
        log_print("rsp %016lx flags %lx\n", context->arch.rsp, context->arch.rflags);
}

void arch_switch(struct context *to, struct mmu *space)
{
        struct cpu_head *cpu = this_head();
        struct context *from = context_loaded();
        if (from && cpu_features.fast_switch) {
                arch_hand_over(this_cpu(), from, to, space);
                return;
        }
        if (from)
                vectors_save(from->vectors);
        if (cpu->arch.root != space->root)
                root_load(space->root);
        vectors_load(to->vectors);
        bases_switch(from, to);
        cpu->arch.tss.rsp[0] = (uint64_t)to + FRAME_END;
}
