/* GDT, TSS, IDT and SYSCALL registers (SDM volume 3, chapters 2, 3, 6 and 8). User mode gets no I/O
 * ports and no 32-bit code segment, and NMI, double fault and machine check get their own stacks.
 */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/entry.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/mmu.h"
#include "kernel/lib/string.h"

struct table_pointer {
        uint16_t limit;
        uint64_t base;
} __attribute__((packed));

/* SDM 3, figure 6-8. */
struct gate {
        uint16_t offset_low, selector;
        uint8_t stack, type;
        uint16_t offset_middle;
        uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "SDM 3, figure 6-8");

enum { GATE_KERNEL = 0x8e, GATE_USER = 0xee, VECTOR_BREAKPOINT = 3 };
enum { FATAL_STACKS = 3, FATAL_STACK_BYTES = 4096 };

static struct gate idt[VECTORS];
static uint8_t fatal_stacks[FATAL_STACKS][FATAL_STACK_BYTES] __attribute__((aligned(16)));

extern const uint8_t entry_vectors[VECTORS][8];
extern char boot_stack_top[];
void entry_syscall(void);
void gdt_load(const struct table_pointer *gdt);

static void gdt_fill(struct arch_cpu *arch)
{
        uint64_t base = (uint64_t)&arch->tss;
        arch->gdt[KERNEL_CODE / 8] = 0x00209b0000000000;
        arch->gdt[KERNEL_DATA / 8] = 0x0000930000000000;
        /* No 32-bit user code: the descriptor at USER_BASE stays empty. */
        arch->gdt[USER_DATA / 8] = 0x0000f30000000000;
        arch->gdt[USER_CODE / 8] = 0x0020fb0000000000;
        arch->gdt[TSS_SEGMENT / 8] = 0x0000890000000000 | (sizeof(struct tss) - 1) |
                                     (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
        arch->gdt[TSS_SEGMENT / 8 + 1] = base >> 32;
}

/* Each fatal stack ends with the address of its struct cpu, for the entry code. */
static void tss_fill(struct cpu_head *cpu)
{
        for (unsigned i = 0; i < FATAL_STACKS; i++) {
                uint64_t *top = (uint64_t *)(fatal_stacks[i] + FATAL_STACK_BYTES - 16);
                *top = (uint64_t)cpu;
                cpu->arch.tss.ist[i] = (uint64_t)top;
        }
        cpu->arch.tss.io_map = sizeof(struct tss); /* none: the user has no I/O ports */
}

static void idt_fill(void)
{
        static const uint8_t stacks[VECTORS] = {
            [VECTOR_NMI] = 1, [VECTOR_DOUBLE] = 2, [VECTOR_MACHINE] = 3};
        for (unsigned vector = 0; vector < VECTORS; vector++) {
                uint64_t entry = (uint64_t)entry_vectors[vector];
                idt[vector] = (struct gate){
                    .offset_low = (uint16_t)entry,
                    .selector = KERNEL_CODE,
                    .stack = stacks[vector],
                    .type = vector == VECTOR_BREAKPOINT ? GATE_USER : GATE_KERNEL,
                    .offset_middle = (uint16_t)(entry >> 16),
                    .offset_high = (uint32_t)(entry >> 32),
                };
        }
}

/* All flags but the one that is always set: interrupts, direction, trap, alignment check (which is
 * SMAP's override), nested task. */
#define SYSCALL_CLEARS 0x3ffffdull

static void syscall_start(void)
{
        msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE);
        msr_write(MSR_STAR, (uint64_t)USER_BASE << 48 | (uint64_t)KERNEL_CODE << 32);
        msr_write(MSR_LSTAR, (uint64_t)entry_syscall);
        msr_write(MSR_SFMASK, SYSCALL_CLEARS);
        msr_write(MSR_SYSENTER_CS, 0); /* SYSENTER faults */
}

void cpu_start(void)
{
        struct cpu_head *cpu = (struct cpu_head *)kernel_boot_cpu();
        cpu->kernel_stack = boot_stack_top;
        cpu->arch.self = (struct cpu *)cpu;
        cpu->arch.deadline = TIME_NEVER;
        gdt_fill(&cpu->arch);
        tss_fill(cpu);
        idt_fill();

        struct table_pointer gdt = {sizeof cpu->arch.gdt - 1, (uint64_t)cpu->arch.gdt};
        struct table_pointer interrupts = {sizeof idt - 1, (uint64_t)idt};
        gdt_load(&gdt);
        __asm__ volatile("lidt %0" : : "m"(interrupts));
        __asm__ volatile("lldt %w0" : : "r"(0));
        msr_write(MSR_GS_BASE, (uint64_t)cpu);
        msr_write(MSR_KERNEL_GS_BASE, 0);
        syscall_start();
}

bool cpu_is_frame(uint64_t address)
{
        enum { FRAME_BYTES = 16 };
        uint64_t fatal = (uint64_t)fatal_stacks;
        uint64_t bottom = (uint64_t)boot_stack_top - KERNEL_STACK_BYTES;
        return address % 8 == 0 &&
               ((address >= bottom && address <= (uint64_t)boot_stack_top - FRAME_BYTES) ||
                (address >= fatal && address <= fatal + sizeof fatal_stacks - FRAME_BYTES));
}
