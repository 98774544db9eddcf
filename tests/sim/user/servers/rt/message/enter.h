/* In place of the runtime's header of this name: a system call is a call of the simulator
 * (tests/sim/thread.c), which enters the node's kernel. */
#ifndef RT_ENTER_H
#define RT_ENTER_H

#include <stdint.h>
#include "kernel/abi/outcome.h"

struct syscall_registers {
        uint64_t rdi, rsi, rdx, r10, r8, r9;
};

outcome_t sys_registers(uint64_t number, struct syscall_registers *registers);

#endif
