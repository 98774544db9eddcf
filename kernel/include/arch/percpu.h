/* The machine's part of struct cpu (sched/cpu.h), and how the current CPU is found.
 *
 * struct cpu begins with what the trap code uses, in this order:
 *      struct context *context;    the current thread's, where entries from user mode save
 *      void *kernel_stack;         top of this CPU's kernel stack
 *      uint64_t scratch;
 *      uint64_t work;              what is left for kernel_next(); 0: nothing
 *      struct arch_cpu arch;
 * GS base points at it whenever the kernel runs; the user's GS base is swapped out then. */
#ifndef KERNEL_ARCH_PERCPU_H
#define KERNEL_ARCH_PERCPU_H

#include <stddef.h>
#include <stdint.h>

/* Task state segment: Intel SDM volume 3, 8.7, 64-bit format. */
struct tss {
        uint32_t reserved0;
        uint64_t rsp[3]; /* rsp[0]: end of the hardware frame inside the current context */
        uint64_t reserved1;
        uint64_t ist[7];
        uint64_t reserved2;
        uint16_t reserved3;
        uint16_t io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "SDM 3, figure 8-11");

enum { GDT_ENTRIES = 8 };

/* Written by its own CPU only, interrupts off. */
struct arch_cpu {
        struct cpu *self;
        uint64_t root;     /* page tables loaded */
        uint64_t deadline; /* of the timer; TIME_NEVER: none */
        uint64_t clock;    /* last time given out */
        uint64_t gdt[GDT_ENTRIES];
        uint32_t apic_id;
        struct tss tss;
};

enum {
        CPU_CONTEXT = 0,
        CPU_KERNEL_STACK = 8,
        CPU_SCRATCH = 16,
        CPU_WORK = 24,
        CPU_ARCH = 32,
};
_Static_assert(offsetof(struct arch_cpu, self) == 0, "this_cpu() reads it at CPU_ARCH");

#if __STDC_HOSTED__
struct cpu *this_cpu(void); /* host tests bring their own */
#else
static inline struct cpu *this_cpu(void)
{
        struct cpu *cpu;
        __asm__("mov %%gs:%c1, %0" : "=r"(cpu) : "i"(CPU_ARCH));
        return cpu;
}
#endif

#endif
