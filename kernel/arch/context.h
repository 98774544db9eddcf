/* A user thread's registers as the kernel keeps them, and how they are loaded.
 *
 * `struct context` is the first member of struct thread. Every entry from user mode saves into the
 * context of the CPU's current thread; every exit loads the one that is current then, so the kernel
 * runs on one stack per CPU and keeps nothing on it between entries. A system call's results are
 * written into the saved registers.
 *
 * The words of a message are contiguous, so that they are copied from context to context at once.
 */
#ifndef KERNEL_ARCH_CONTEXT_H
#define KERNEL_ARCH_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/message.h"
#include "kernel/arch/x86_64/registers.h" /* struct arch_context */

struct context {
        uint64_t word[MESSAGE_WORDS];
        union {
                uint64_t handle, badge, result;
        };
        union {
                uint64_t second, reply;
        };
        uint64_t header;
        uint64_t deadline;
        union {
                uint64_t number, outcome;
        };
        struct arch_context arch;
        void *vectors;          /* vector state, 64-byte aligned, of vectors_size() bytes */
} __attribute__((aligned(16))); /* the processor itself pushes into it, aligned */

/* Makes a context that enters user mode at `entry` with `argument` as its first, all else zero,
 * interrupts on, and the vector state in its initial form. `vectors` is memory for it. */
void context_init(struct context *context, uint64_t entry, uint64_t stack, uint64_t argument,
                  void *vectors);

/* How a message call ends: the results, and the words of the header, zero beyond their count. */
static inline void context_set_message(struct context *context, uint64_t outcome, uint64_t badge,
                                       uint64_t reply, uint64_t header, uint64_t deadline,
                                       const uint64_t *words)
{
        uint64_t *word = context->word;
        context->outcome = outcome;
        context->badge = badge;
        context->reply = reply;
        context->header = header;
        context->deadline = deadline;
        word[0] = word[1] = word[2] = word[3] = word[4] = word[5] = word[6] = word[7] = 0;
        for (unsigned i = 0; i < message_words(header); i++)
                /* cppcheck-suppress nullPointer; without words the count is 0 */
                word[i] = words[i];
}

/* Size of the vector state on this processor; at most a page. */
size_t vectors_size(void);

/* Diverts a Linux system call to `handler`, a user address, with the return address and the flags
 * in the registers where the instruction leaves them. */
void context_reflect(struct context *context, uint64_t handler);

/* Set the thread's FS or GS base, a user address; the thread may be the current one. */
void context_set_fs_base(struct context *context, uint64_t base);
void context_set_gs_base(struct context *context, uint64_t base);

/* Before its memory is freed. */
void context_unload(const struct context *context);

void context_registers(const struct context *context, struct registers *registers);

/* False, with nothing changed: an address is not the user's. Of the flags, those are taken that a
 * program can set itself, but for the trap flag. */
bool context_set_registers(struct context *context, const struct registers *registers);

/* Prints the registers to the log, for a panic: of what an entry saved, also where that is no whole
 * context but what it begins with, up to the hardware frame. */
void context_print(const struct context *context);

#endif
