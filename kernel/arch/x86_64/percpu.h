/* The machine's part of struct cpu (kernel/arch/percpu.h): page tables loaded, timer, descriptor
 * tables. Written by its own CPU only, with interrupts off. */
#ifndef X86_PERCPU_H
#define X86_PERCPU_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/arch/x86_64/layout.h"

/* Task state segment: Intel SDM volume 3, 8.7, 64-bit format. */
struct tss {
        uint32_t reserved0;
        uint64_t rsp[3]; /* rsp[0]: end of the hardware frame inside the context that is loaded */
        uint64_t reserved1;
        uint64_t ist[7];
        uint64_t reserved2;
        uint16_t reserved3;
        uint16_t io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "SDM 3, figure 8-11");

enum { GDT_ENTRIES = 8 };

struct arch_cpu {
        struct cpu *self;  /* first: this_cpu() */
        uint64_t root;     /* page tables loaded */
        uint64_t deadline; /* of the timer; TIME_NEVER: none */
        uint64_t clock;    /* last time given out */
        uint64_t gdt[GDT_ENTRIES];
        uint32_t apic_id;
        struct tss tss;
};

#if __STDC_HOSTED__
struct cpu *this_cpu(void); /* host tests bring their own */
#else
/* GS base points at struct cpu whenever the kernel runs. */
static inline struct cpu *this_cpu(void)
{
        struct cpu *cpu;
        __asm__("mov %%gs:%c1, %0" : "=r"(cpu) : "i"(CPU_ARCH));
        return cpu;
}
#endif

#endif
