/* Features, control registers, GDT, TSS and IDT (SDM volume 3, chapters 2, 3, 6 and 8). User mode
 * gets no I/O ports and no 32-bit code segment, and NMI, double fault and machine check their own
 * stacks. */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/debug/panic.h"
#include "kernel/include/arch/mmu.h"
#include "kernel/include/string.h"
#include "kernel/sched/cpu.h"

struct cpu cpus[1]; /* other processors are not started yet */
_Static_assert(offsetof(struct cpu, arch) == CPU_ARCH, "struct cpu begins as percpu.h says");

struct cpu_features cpu_features;

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

/* ---- features ---- */

enum { LEGACY_VECTORS = 512, XSAVE_HEADER = 64 };

/* x87, SSE, AVX and AVX-512: what Debian's static libraries use. */
#define XSAVE_WANTED 0xe7ull

static void xsave_start(uint32_t leaf1_c)
{
        cpu_features.vectors_bytes = LEGACY_VECTORS;
        cpu_features.xsave = leaf1_c >> 26 & 1;
        if (!cpu_features.xsave)
                return;
        cr4_write(cr4_read() | CR4_OSXSAVE);
        struct cpuid offered = cpuid_read(0xd, 0);
        uint64_t mask = (offered.a | (uint64_t)offered.d << 32) & XSAVE_WANTED;
        if ((mask & 0xe0) != 0xe0 || !(mask & 4))
                mask &= 7; /* AVX-512 is all three of its parts, and needs AVX */
        __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)));
        cpu_features.xsave_mask = mask;
        cpu_features.vectors_bytes = cpuid_read(0xd, 0).b;
        cpu_features.xsaveopt = cpuid_read(0xd, 1).a & 1;
}

/* CPUID 80000008: the width of physical addresses; and whether FXRSTOR and XRSTOR always restore the
 * x87's error pointers, which AMD's older processors do only if an exception is pending (AMD64 APM 2,
 * 11.4.4). */
static void addresses_detect(void)
{
        enum {
                BITS_LEAST = 36,
                BITS_MOST = 52,
                VENDOR_AMD = 0x68747541,
                RESTORES_POINTERS = 1 << 2
        };
        struct cpuid sizes = {0};
        if (cpuid_read(0x80000000, 0).a >= 0x80000008)
                sizes = cpuid_read(0x80000008, 0);
        unsigned bits = sizes.a & 0xff;
        cpu_features.physical_bits =
            (uint8_t)(bits < BITS_LEAST || bits > BITS_MOST ? BITS_LEAST : bits);
        cpu_features.leaves_pointers =
            cpuid_read(0, 0).b == VENDOR_AMD && !(sizes.b & RESTORES_POINTERS);
}

paddr_t physical_end(void)
{
        return 1ull << cpu_features.physical_bits;
}

/* The memory types that the bits in page tables choose among, as after a reset (SDM 3, table 11-12):
 * a loader may have left others. */
#define PAT_RESET 0x0007040600070406ull

void cpu_detect(void)
{
        struct cpuid one = cpuid_read(1, 0);
        struct cpuid seven = cpuid_read(0, 0).a >= 7 ? cpuid_read(7, 0) : (struct cpuid){0};
        cpu_features.nx = cpuid_read(0x80000001, 0).d >> 20 & 1;
        cpu_features.smep = seven.b >> 7 & 1;
        cpu_features.smap = seven.b >> 20 & 1;
        cpu_features.fsgsbase = seven.b & 1;
        cpu_features.umip = seven.c >> 2 & 1;

        uint64_t cr4 = cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_PGE;
        if (one.d >> 7 & 1)
                cr4 |= CR4_MCE; /* else a machine check resets without a word */
        if (cpu_features.smep)
                cr4 |= CR4_SMEP;
        if (cpu_features.smap)
                cr4 |= CR4_SMAP;
        if (cpu_features.fsgsbase)
                cr4 |= CR4_FSGSBASE;
        if (cpu_features.umip)
                cr4 |= CR4_UMIP;
        cr4_write(cr4);
        if (one.d >> 16 & 1)
                msr_write(MSR_PAT, PAT_RESET);
        xsave_start(one.c);
        addresses_detect();
        cpu_features.fast_switch =
            cpu_features.fsgsbase && cpu_features.xsaveopt && !cpu_features.leaves_pointers;
        if (cpu_features.vectors_bytes > PAGE_SIZE)
                panic("the processor's vector registers take %u bytes, more than a page",
                      cpu_features.vectors_bytes);
}

/* ---- descriptor tables ---- */

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

static unsigned fatal_stack_index(unsigned vector)
{
        switch (vector) {
        case VECTOR_NMI:
                return 1;
        case VECTOR_DOUBLE:
                return 2;
        case VECTOR_MACHINE:
                return 3;
        default:
                return 0;
        }
}

static void idt_fill(void)
{
        for (unsigned vector = 0; vector < VECTORS; vector++) {
                uint64_t entry = (uint64_t)entry_vectors[vector];
                idt[vector] = (struct gate){
                    .offset_low = (uint16_t)entry,
                    .selector = KERNEL_CODE,
                    .stack = (uint8_t)fatal_stack_index(vector),
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
        struct cpu_head *cpu = (struct cpu_head *)&cpus[0];
        cpu->kernel_stack = boot_stack_top;
        cpu->arch.self = &cpus[0];
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
