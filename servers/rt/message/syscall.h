/* The native system calls: a stub each, sys_NAME, made from kernel/abi/syscalls.def, which says
 * what they do (build/reference/kernel.md is easier to read). Results are 0 when the outcome is not
 * ok, and a pointer to one that is not wanted may be NULL.
 *
 * Context: any, also the handler of Linux system calls: nothing here touches memory of the
 * runtime, calls libc or uses vector registers. Message calls are in message.h, on top of
 * sys_message. */
#ifndef RT_SYSCALL_H
#define RT_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/memory.h"
#include "kernel/abi/sched.h"
#include "kernel/abi/syscall.h"
#include "servers/rt/message/registers.h"

/* Issues MESSAGE_CALL `number` (SYSCALL_call …) and stores all registers that come back. */
outcome_t sys_message(uint64_t number, struct message_registers *registers);

#include "servers/rt/message/enter.h"
#include "servers/rt/stubs.h"

#endif
