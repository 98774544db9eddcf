/* The native system calls, one stub each, named sys_NAME after kernel/abi/syscalls.def, which says
 * what they do. Results are 0 when the outcome is not ok.
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

/* The registers of a message system call, in and out, as kernel/abi/message.h lists them. */
struct message_registers {
        uint64_t handle; /* in: right or port; out: badge */
        uint64_t second; /* in: reply or call; out: reply handle */
        uint64_t header;
        uint64_t deadline;
        uint64_t words[MESSAGE_WORDS];
};

_Static_assert(sizeof(struct message_registers) == 96, "syscall.S knows the offsets");

/* Issues MESSAGE_CALL `number` (SYSCALL_call …) and stores all registers that come back. */
outcome_t sys_message(uint64_t number, struct message_registers *registers);

struct syscall_results {
        uint64_t first, second, third; /* rdi rsi rdx */
};

static inline outcome_t sys_6(unsigned number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                              uint64_t e, uint64_t f, struct syscall_results *results)
{
        uint64_t rax = number;
        register uint64_t r10 __asm__("r10") = d;
        register uint64_t r8 __asm__("r8") = e;
        register uint64_t r9 __asm__("r9") = f;
        __asm__ volatile("syscall"
                         : "+a"(rax), "+D"(a), "+S"(b), "+d"(c)
                         : "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        if (results)
                *results = (struct syscall_results){a, b, c};
        return (outcome_t)rax;
}

static inline outcome_t sys_4(unsigned number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
        return sys_6(number, a, b, c, d, 0, 0, NULL);
}

static inline outcome_t sys_3(unsigned number, uint64_t a, uint64_t b, uint64_t c)
{
        return sys_6(number, a, b, c, 0, 0, 0, NULL);
}

/* One handle as the result. */
static inline outcome_t sys_handle(unsigned number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                                   uint64_t e, handle_t *handle)
{
        struct syscall_results results;
        outcome_t outcome = sys_6(number, a, b, c, d, e, 0, &results);
        *handle = outcome == OUTCOME_OK ? (handle_t)results.first : 0;
        return outcome;
}

/* One or two words as the result; `second` may be NULL. */
static inline outcome_t sys_words(unsigned number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                                  uint64_t *first, uint64_t *second)
{
        struct syscall_results results;
        outcome_t outcome = sys_6(number, a, b, c, d, 0, 0, &results);
        *first = outcome == OUTCOME_OK ? results.first : 0;
        if (second)
                *second = outcome == OUTCOME_OK ? results.second : 0;
        return outcome;
}

/* ---- handles -------------------------------------------------------------------------------- */

static inline outcome_t sys_null(void)
{
        return sys_3(SYSCALL_null, 0, 0, 0);
}

static inline outcome_t sys_handle_close(handle_t handle)
{
        return sys_3(SYSCALL_handle_close, handle, 0, 0);
}

static inline outcome_t sys_handle_copy(handle_t handle, uint32_t rights, handle_t *copy)
{
        return sys_handle(SYSCALL_handle_copy, handle, rights, 0, 0, 0, copy);
}

static inline outcome_t sys_handle_info(handle_t handle, enum object_type *type, uint32_t *rights,
                                        uint64_t *identity)
{
        struct syscall_results results;
        outcome_t outcome = sys_6(SYSCALL_handle_info, handle, 0, 0, 0, 0, 0, &results);
        bool ok = outcome == OUTCOME_OK;
        *type = ok ? (enum object_type)results.first : OBJECT_NONE;
        *rights = ok ? (uint32_t)results.second : 0;
        *identity = ok ? results.third : 0;
        return outcome;
}

static inline outcome_t sys_handle_grant(handle_t task, handle_t handle, uint32_t rights,
                                         handle_t *there)
{
        return sys_handle(SYSCALL_handle_grant, task, handle, rights, 0, 0, there);
}

static inline outcome_t sys_object_destroy(handle_t handle)
{
        return sys_3(SYSCALL_object_destroy, handle, 0, 0);
}

static inline outcome_t sys_watch(handle_t handle, handle_t event, uint64_t bits)
{
        return sys_3(SYSCALL_watch, handle, event, bits);
}

/* Ends a watch early; otherwise it lasts as long as what is watched. */
static inline outcome_t sys_unwatch(handle_t handle, handle_t event, uint64_t bits)
{
        return sys_3(SYSCALL_unwatch, handle, event, bits);
}

/* ---- accounts ------------------------------------------------------------------------------- */

static inline outcome_t sys_account_create(handle_t parent, uint64_t bytes, handle_t *account)
{
        return sys_handle(SYSCALL_account_create, parent, bytes, 0, 0, 0, account);
}

static inline outcome_t sys_account_info(handle_t account, uint64_t *used, uint64_t *limit)
{
        return sys_words(SYSCALL_account_info, account, 0, 0, 0, used, limit);
}

/* ---- tasks and threads ---------------------------------------------------------------------- */

static inline outcome_t sys_task_create(handle_t account, handle_t *task)
{
        return sys_handle(SYSCALL_task_create, account, 0, 0, 0, 0, task);
}

static inline outcome_t sys_task_info(handle_t task, struct task_info *info)
{
        return sys_3(SYSCALL_task_info, task, (uint64_t)info, 0);
}

static inline outcome_t sys_task_set_fault_handler(handle_t task, handle_t right)
{
        return sys_3(SYSCALL_task_set_fault_handler, task, right, 0);
}

static inline outcome_t sys_task_set_reflect(handle_t task, uint64_t address)
{
        return sys_3(SYSCALL_task_set_reflect, task, address, 0);
}

static inline outcome_t sys_task_read(handle_t task, uint64_t address, void *buffer, size_t bytes)
{
        return sys_4(SYSCALL_task_read, task, address, (uint64_t)buffer, bytes);
}

static inline outcome_t sys_task_write(handle_t task, uint64_t address, const void *buffer,
                                       size_t bytes)
{
        return sys_4(SYSCALL_task_write, task, address, (uint64_t)buffer, bytes);
}

static inline outcome_t sys_thread_create(handle_t task, uint64_t entry, uint64_t stack,
                                          uint64_t argument, unsigned priority, handle_t *thread)
{
        return sys_handle(SYSCALL_thread_create, task, entry, stack, argument, priority, thread);
}

static inline outcome_t sys_thread_control(handle_t thread, enum thread_operation operation,
                                           uint64_t argument)
{
        return sys_3(SYSCALL_thread_control, thread, operation, argument);
}

static inline outcome_t sys_thread_registers(handle_t thread, struct registers *registers)
{
        return sys_3(SYSCALL_thread_registers, thread, (uint64_t)registers, 0);
}

static inline void sys_thread_exit(void)
{
        sys_3(SYSCALL_thread_exit, 0, 0, 0);
}

static inline void sys_task_exit(uint64_t status)
{
        sys_3(SYSCALL_task_exit, status, 0, 0);
}

static inline outcome_t sys_task_status(handle_t task, uint64_t *alive, uint64_t *status)
{
        return sys_words(SYSCALL_task_status, task, 0, 0, 0, alive, status);
}

static inline outcome_t sys_sleep(uint64_t deadline)
{
        return sys_3(SYSCALL_sleep, deadline, 0, 0);
}

static inline outcome_t sys_yield(void)
{
        return sys_3(SYSCALL_yield, 0, 0, 0);
}

static inline outcome_t sys_clock_read(uint64_t *time)
{
        return sys_words(SYSCALL_clock_read, 0, 0, 0, 0, time, NULL);
}

/* ---- ports, rights, calls ------------------------------------------------------------------- */

static inline outcome_t sys_port_create(handle_t *port)
{
        return sys_handle(SYSCALL_port_create, 0, 0, 0, 0, 0, port);
}

static inline outcome_t sys_port_bind(handle_t port, handle_t event)
{
        return sys_3(SYSCALL_port_bind, port, event, 0);
}

static inline outcome_t sys_right_mint(handle_t port, uint64_t badge, uint32_t rights,
                                       handle_t *right)
{
        return sys_handle(SYSCALL_right_mint, port, badge, rights, 0, 0, right);
}

static inline outcome_t sys_right_issue(handle_t port, uint64_t badge, uint32_t rights,
                                        handle_t *right, uint64_t *issues)
{
        struct syscall_results results;
        outcome_t outcome = sys_6(SYSCALL_right_issue, port, badge, rights, 0, 0, 0, &results);
        bool ok = outcome == OUTCOME_OK;
        *right = ok ? (handle_t)results.first : 0;
        *issues = ok ? results.second : 0;
        return outcome;
}

static inline outcome_t sys_right_revoke(handle_t port, uint64_t badge)
{
        return sys_3(SYSCALL_right_revoke, port, badge, 0);
}

/* The same, with the reason that its holders are given. */
static inline outcome_t sys_right_revoke_for(handle_t port, uint64_t badge, enum reason reason)
{
        return sys_3(SYSCALL_right_revoke, port, badge, reason);
}

static inline outcome_t sys_call_create(handle_t event, uint64_t bits, handle_t *call)
{
        return sys_handle(SYSCALL_call_create, event, bits, 0, 0, 0, call);
}

static inline outcome_t sys_call_cancel(handle_t call)
{
        return sys_3(SYSCALL_call_cancel, call, 0, 0);
}

static inline outcome_t sys_port_detail(handle_t port, unsigned on)
{
        return sys_3(SYSCALL_port_detail, port, on, 0);
}

/* ---- events --------------------------------------------------------------------------------- */

static inline outcome_t sys_event_create(handle_t *event)
{
        return sys_handle(SYSCALL_event_create, 0, 0, 0, 0, 0, event);
}

static inline outcome_t sys_event_signal(handle_t event, uint64_t bits)
{
        return sys_3(SYSCALL_event_signal, event, bits, 0);
}

static inline outcome_t sys_event_wait(handle_t event, uint64_t bits, uint64_t deadline,
                                       uint64_t *set)
{
        return sys_words(SYSCALL_event_wait, event, bits, deadline, 0, set, NULL);
}

/* ---- memory --------------------------------------------------------------------------------- */

static inline outcome_t sys_memory_create(handle_t account, uint64_t bytes, enum memory_kind kind,
                                          handle_t hardware, handle_t *memory)
{
        return sys_handle(SYSCALL_memory_create, account, bytes, kind, hardware, 0, memory);
}

static inline outcome_t sys_memory_map(handle_t task, handle_t memory, uint64_t address,
                                       uint64_t offset, uint64_t bytes, unsigned flags)
{
        return sys_6(SYSCALL_memory_map, task, memory, address, offset, bytes, flags, NULL);
}

static inline outcome_t sys_memory_unmap(handle_t task, uint64_t address, uint64_t bytes)
{
        return sys_3(SYSCALL_memory_unmap, task, address, bytes);
}

static inline outcome_t sys_memory_protect(handle_t task, uint64_t address, uint64_t bytes,
                                           unsigned flags)
{
        return sys_4(SYSCALL_memory_protect, task, address, bytes, flags);
}

static inline outcome_t sys_memory_snapshot(handle_t memory, handle_t *snapshot)
{
        return sys_handle(SYSCALL_memory_snapshot, memory, 0, 0, 0, 0, snapshot);
}

static inline outcome_t sys_memory_info(handle_t memory, uint64_t *bytes, uint64_t *physical)
{
        return sys_words(SYSCALL_memory_info, memory, 0, 0, 0, bytes, physical);
}

/* ---- devices -------------------------------------------------------------------------------- */

static inline outcome_t sys_device_memory(handle_t hardware, uint64_t physical, uint64_t bytes,
                                          handle_t *memory)
{
        return sys_handle(SYSCALL_device_memory, hardware, physical, bytes, 0, 0, memory);
}

static inline outcome_t sys_interrupt_create(handle_t hardware, uint64_t line, handle_t *interrupt,
                                             uint64_t *address, uint64_t *data)
{
        struct syscall_results results;
        outcome_t outcome = sys_6(SYSCALL_interrupt_create, hardware, line, 0, 0, 0, 0, &results);
        bool ok = outcome == OUTCOME_OK;
        *interrupt = ok ? (handle_t)results.first : 0;
        *address = ok ? results.second : 0;
        *data = ok ? results.third : 0;
        return outcome;
}

static inline outcome_t sys_interrupt_bind(handle_t interrupt, handle_t event, uint64_t bits)
{
        return sys_3(SYSCALL_interrupt_bind, interrupt, event, bits);
}

static inline outcome_t sys_interrupt_ack(handle_t interrupt)
{
        return sys_3(SYSCALL_interrupt_ack, interrupt, 0, 0);
}

static inline outcome_t sys_ioport_create(handle_t hardware, unsigned base, unsigned count,
                                          handle_t *ioport)
{
        return sys_handle(SYSCALL_ioport_create, hardware, base, count, 0, 0, ioport);
}

static inline outcome_t sys_ioport_read(handle_t ioport, unsigned offset, unsigned width,
                                        uint64_t *value)
{
        return sys_words(SYSCALL_ioport_read, ioport, offset, width, 0, value, NULL);
}

static inline outcome_t sys_ioport_write(handle_t ioport, unsigned offset, unsigned width,
                                         uint32_t value)
{
        return sys_4(SYSCALL_ioport_write, ioport, offset, width, value);
}

static inline outcome_t sys_log_write(handle_t hardware, const void *text, size_t bytes)
{
        return sys_3(SYSCALL_log_write, hardware, (uint64_t)text, bytes);
}

static inline outcome_t sys_log_read(handle_t hardware, uint64_t offset, void *buffer, size_t bytes,
                                     uint64_t *count, uint64_t *began)
{
        return sys_words(SYSCALL_log_read, hardware, offset, (uint64_t)buffer, bytes, count, began);
}

static inline outcome_t sys_machine_control(handle_t hardware, enum machine_operation operation,
                                            uint64_t argument)
{
        return sys_3(SYSCALL_machine_control, hardware, operation, argument);
}

#endif
