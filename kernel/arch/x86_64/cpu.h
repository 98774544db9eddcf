/* The processor: features, control registers, descriptor tables and struct cpu. */
#ifndef X86_CPU_H
#define X86_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/context.h"
#include "kernel/arch/percpu.h"

/* The beginning of struct cpu, the only part that this folder uses. */
struct cpu_head {
        struct context *context;
        void *kernel_stack;
        uint64_t scratch;
        uint64_t work;
        uint64_t words[MESSAGE_WORDS];
        struct arch_cpu arch;
};
_Static_assert(offsetof(struct cpu_head, context) == CPU_CONTEXT, "percpu.h");
_Static_assert(offsetof(struct cpu_head, kernel_stack) == CPU_KERNEL_STACK, "percpu.h");
_Static_assert(offsetof(struct cpu_head, scratch) == CPU_SCRATCH, "percpu.h");
_Static_assert(offsetof(struct cpu_head, work) == CPU_WORK, "percpu.h");
_Static_assert(offsetof(struct cpu_head, words) == CPU_WORDS, "percpu.h");
_Static_assert(offsetof(struct cpu_head, arch) == CPU_ARCH, "percpu.h");

static inline struct cpu_head *this_head(void)
{
        return (struct cpu_head *)this_cpu();
}

/* Loads the page tables with this root. */
static inline void root_load(uint64_t root)
{
        this_head()->arch.root = root;
        cr3_write(root);
}

/* What CPUID says. Set once by cpu_detect. */
struct cpu_features {
        bool nx, smep, smap, umip, fsgsbase, xsave, xsaveopt;
        bool leaves_pointers; /* XRSTOR leaves the x87's last pointers as they were */
        bool fast_switch;     /* fsgsbase and xsaveopt, and not leaves_pointers */
        uint8_t physical_bits;
        uint64_t xsave_mask; /* XCR0: the state components that are saved */
        uint32_t vectors_bytes;
};
extern struct cpu_features cpu_features;

/* Reads the features, and turns on the protections and XSAVE. */
void cpu_detect(void);

/* Loads the descriptor tables and sets up struct cpu. From then on a fault in the kernel is a panic
 * that says where. Called once, on the boot processor. */
void cpu_start(void);

/* Whether a saved RBP and a return address can be read at the address: it lies on a kernel stack.
 */
bool cpu_is_frame(uint64_t address);

#endif
