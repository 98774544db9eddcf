/* The machine's part of kernel/arch/fast.h. */
#ifndef X86_FAST_H
#define X86_FAST_H

#include <stdint.h>
#include "kernel/arch/arch.h"
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/layout.h"

/* With FSGSBASE. The user's GS base waits in the other GS base register. */
static inline void bases_swap(struct context *from, const struct context *to)
{
        __asm__ volatile("rdfsbase %0" : "=r"(from->arch.fs_base));
        __asm__ volatile("swapgs\n\trdgsbase %0\n\twrgsbase %1\n\tswapgs"
                         : "=&r"(from->arch.gs_base)
                         : "r"(to->arch.gs_base)
                         : "memory");
        __asm__ volatile("wrfsbase %0" : : "r"(to->arch.fs_base) : "memory");
}

static inline uint64_t clock_quick(void)
{
        return clock_time(&clock_page, tsc_read());
}

/* The one in RBP stays there: entry.S. */
static inline const uint64_t *arch_words(struct cpu *this)
{
        uint64_t *words = (uint64_t *)((char *)this + CPU_WORDS);
        __asm__ volatile("mov %%rbp, %0" : "=m"(words[3]));
        return words;
}

static inline struct context *context_loaded(void)
{
        uint64_t end = this_head()->arch.tss.rsp[0];
        return end ? (struct context *)(end - FRAME_END) : NULL;
}

/* SDM volume 1, 13.4. With XSAVEOPT and FSGSBASE this is most of the cost of a call. */
static inline __attribute__((always_inline)) void
arch_hand_over(struct cpu *this, struct context *from, struct context *to, struct mmu *space)
{
        struct cpu_head *cpu = (struct cpu_head *)this;
        if (!cpu_features.fast_switch) {
                arch_switch(to, space);
                return;
        }
        uint32_t low = (uint32_t)cpu_features.xsave_mask, high = 0;
        __asm__ volatile("xsaveopt64 (%0)" : : "r"(from->vectors), "a"(low), "d"(high) : "memory");
        if (cpu->arch.root != space->root) {
                cpu->arch.root = space->root;
                cr3_write(space->root);
        }
        __asm__ volatile("xrstor64 (%0)" : : "r"(to->vectors), "a"(low), "d"(high) : "memory");
        bases_swap(from, to);
        cpu->arch.tss.rsp[0] = (uint64_t)to + FRAME_END;
}

static inline void __attribute__((noreturn))
arch_resume(uint64_t words, uint64_t outcome, uint64_t badge, uint64_t reply, uint64_t header,
            uint64_t deadline)
{
        register uint64_t r10 __asm__("r10") = deadline;
        __asm__ volatile("jmp *words_take(, %0, 8)"
                         :
                         : "c"(words), "a"(outcome), "D"(badge), "S"(reply), "d"(header), "r"(r10)
                         : "memory");
        __builtin_unreachable();
}

static inline void __attribute__((noreturn)) arch_resume_saved(void)
{
        __asm__ volatile("jmp exit_quick" : : : "memory");
        __builtin_unreachable();
}

#endif
