/* What the fast path needs of the machine, inline: each instruction counts there. */
#ifndef KERNEL_ARCH_FAST_H
#define KERNEL_ARCH_FAST_H

#include "kernel/arch/context.h"
#include "kernel/arch/mmu.h"
#include "kernel/arch/percpu.h"

struct cpu;

/* clock_quick: clock_now() for time spans; it runs backwards where the processor's counter does.
 *
 * arch_words: the words of the message that the fast path has, all of them.
 *
 * context_loaded: whose vector state and bases the processor has, and where its entries save;
 * during one, that of the thread which has entered. NULL: there is none, or it has ended.
 *
 * arch_hand_over: arch_switch() from the context that is loaded.
 *
 * The ways from the fast path back to user mode; they do not return. arch_resume: to the current
 * context, which is in a message call, with these results and the words that are in registers; only
 * so many of them, and 0 in the others. arch_resume_saved: with what is in the current context. */
#if __STDC_HOSTED__ /* host tests bring their own, which return */
uint64_t clock_quick(void);
struct context *context_loaded(void);
const uint64_t *arch_words(struct cpu *cpu);
void arch_hand_over(struct cpu *cpu, struct context *from, struct context *to, struct mmu *space);
void arch_resume(uint64_t words, uint64_t outcome, uint64_t badge, uint64_t reply, uint64_t header,
                 uint64_t deadline);
void arch_resume_saved(void);
#else
#include "kernel/arch/x86_64/fast.h"
#endif

#endif
