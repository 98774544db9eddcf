/* How a system call enters the kernel: the instruction itself. (Message calls have registers of
 * their own: syscall.S.) The simulator has another header in its place (tests/sim/user). */
#ifndef RT_ENTER_H
#define RT_ENTER_H

#include <stdint.h>
#include "kernel/abi/outcome.h"

struct syscall_registers {
        uint64_t rdi, rsi, rdx, r10, r8,
            r9; /* in: the arguments; out, the first three: the results */
};

/* Issues SYSCALL `number` (SYSCALL_null …). */
static inline outcome_t sys_registers(uint64_t number, struct syscall_registers *registers)
{
        register uint64_t r10 __asm__("r10") = registers->r10;
        register uint64_t r8 __asm__("r8") = registers->r8;
        register uint64_t r9 __asm__("r9") = registers->r9;
        __asm__ volatile("syscall"
                         : "+a"(number), "+D"(registers->rdi), "+S"(registers->rsi),
                           "+d"(registers->rdx)
                         : "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return (outcome_t)number;
}

#endif
