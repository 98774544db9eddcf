/* The processor: what it offers, its control registers, descriptor tables and struct cpu. */
#ifndef X86_CPU_H
#define X86_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/include/arch/context.h"
#include "kernel/include/arch/percpu.h"

/* The beginning of struct cpu, which is all that this folder uses of it. */
struct cpu_head {
        struct context *context;
        void *kernel_stack;
        uint64_t scratch;
        uint64_t work;
        struct arch_cpu arch;
};
_Static_assert(offsetof(struct cpu_head, context) == CPU_CONTEXT, "percpu.h");
_Static_assert(offsetof(struct cpu_head, kernel_stack) == CPU_KERNEL_STACK, "percpu.h");
_Static_assert(offsetof(struct cpu_head, scratch) == CPU_SCRATCH, "percpu.h");
_Static_assert(offsetof(struct cpu_head, work) == CPU_WORK, "percpu.h");
_Static_assert(offsetof(struct cpu_head, arch) == CPU_ARCH, "percpu.h");

static inline struct cpu_head *this_head(void)
{
        return (struct cpu_head *)this_cpu();
}

/* Makes the tables with this root the ones in use. */
static inline void root_load(uint64_t root)
{
        this_head()->arch.root = root;
        cr3_write(root);
}

/* What CPUID says. Set once by cpu_detect. */
struct cpu_features {
        bool nx, smep, smap, umip, fsgsbase, xsave, xsaveopt;
        bool quick_switch;   /* fsgsbase and xsaveopt */
        uint64_t xsave_mask; /* XCR0: the state components that are saved */
        uint32_t vectors_bytes;
};
extern struct cpu_features cpu_features;

/* Reads the features, turns on what protects (but for SMAP: see cpu_start) and XSAVE. */
void cpu_detect(void);

/* Loads the descriptor tables and makes struct cpu current. After it, a fault in the kernel is a
 * panic that says where. Called once, on the processor that boots. */
void cpu_start(void);

/* Whether a saved RBP and a return address can be read at the address: it is on a kernel stack. */
bool cpu_is_frame(uint64_t address);

#endif
