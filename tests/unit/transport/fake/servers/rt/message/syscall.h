/* The system calls that the adapter makes, for tests on the host: kernel.c has them. */
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

outcome_t sys_handle_close(handle_t handle);
outcome_t sys_handle_copy(handle_t handle, uint32_t rights, handle_t *copy);
outcome_t sys_handle_info(handle_t handle, enum object_kind *type, uint32_t *rights,
                          uint64_t *identity);
outcome_t sys_watch(handle_t handle, handle_t event, uint64_t bits);
outcome_t sys_unwatch(handle_t handle, handle_t event, uint64_t bits);
outcome_t sys_right_mint(handle_t port, uint64_t badge, uint32_t rights, handle_t *right);
outcome_t sys_right_issue(handle_t port, uint64_t badge, uint32_t rights, handle_t *right,
                          uint64_t *issues);
outcome_t sys_right_revoke(handle_t port, uint64_t badge, enum reason reason);
outcome_t sys_port_create(handle_t *port);
outcome_t sys_port_bind(handle_t port, handle_t event, uint64_t key);
outcome_t sys_event_create(handle_t *event);
outcome_t sys_event_signal(handle_t event, uint64_t bits);
outcome_t sys_object_destroy(handle_t handle);
outcome_t sys_memory_create(handle_t account, uint64_t bytes, enum memory_kind kind,
                            handle_t hardware, handle_t *memory);
outcome_t sys_memory_map(handle_t task, handle_t memory, uint64_t address, uint64_t offset,
                         uint64_t bytes, uint64_t flags, uint64_t *mapped_at);
outcome_t sys_memory_unmap(handle_t task, uint64_t address, uint64_t bytes);
outcome_t sys_account_info(handle_t account, uint64_t *used, uint64_t *limit);
outcome_t sys_call_create_keyed(handle_t port, uint64_t key, handle_t *call);
outcome_t sys_call_cancel(handle_t call);
outcome_t sys_thread_control(handle_t thread, uint64_t operation, uint64_t argument);
outcome_t sys_yield(void);

#endif
