/* The system calls that init's parts make, for tests on the host: world.c has them. */
#ifndef RT_SYSCALL_H
#define RT_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/memory.h"
#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "kernel/abi/sched.h"
#include "kernel/abi/syscall.h"

outcome_t sys_handle_close(handle_t handle);
outcome_t sys_handle_copy(handle_t handle, uint32_t rights, handle_t *copy);
outcome_t sys_handle_info(handle_t handle, enum object_kind *type, uint32_t *rights,
                          uint64_t *identity);
outcome_t sys_event_signal(handle_t event, uint64_t bits);
outcome_t sys_call_create(handle_t event, uint64_t bits, handle_t *call);
outcome_t sys_call_create_keyed(handle_t port, uint64_t key, handle_t *call);
outcome_t sys_call_cancel(handle_t call);
outcome_t sys_account_info(handle_t account, uint64_t *used, uint64_t *limit);

#endif
