/* The machine's part of struct context (kernel/arch/context.h): what user mode has beyond the
 * registers of a system call. layout.h has the offsets for the trap code, which saves here;
 * context.c asserts them. */
#ifndef X86_REGISTERS_H
#define X86_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

struct arch_context {
        uint64_t rcx, r11;
        uint64_t vector, error; /* of the trap that saved; ARCH_VECTOR_SYSCALL: a system call */
        uint64_t rip, cs, rflags, rsp, ss;
        uint64_t fs_base, gs_base;
};

enum { ARCH_VECTOR_SYSCALL = 0x100 };

/* The word of a message that is in the frame pointer (abi/message.h). */
enum { ARCH_FRAME_WORD = 3 };

/* Whether a system call saved the context; else an interrupt or exception. */
static inline bool arch_is_syscall(const struct arch_context *arch)
{
        return arch->vector == ARCH_VECTOR_SYSCALL;
}

/* Where the thread is, its stack pointer, and the error code of its last trap. */
static inline uint64_t arch_instruction(const struct arch_context *arch)
{
        return arch->rip;
}

static inline uint64_t arch_stack(const struct arch_context *arch)
{
        return arch->rsp;
}

static inline uint64_t arch_error(const struct arch_context *arch)
{
        return arch->error;
}

#endif
