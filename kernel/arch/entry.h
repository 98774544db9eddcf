/* The entry points of the kernel: all that the machine calls, and its only way up.
 *
 * They are called with interrupts off, on the CPU's kernel stack, and but for kernel_main() with
 * the current thread's context saved. After each of them the trap code calls kernel_next(), unless
 * a system call leaves no work (struct cpu.work is 0). */
#ifndef KERNEL_ARCH_ENTRY_H
#define KERNEL_ARCH_ENTRY_H

#include <stdint.h>
#include "kernel/abi/syscall.h"

struct boot_machine;
struct context;
struct cpu;
struct thread;

/* The data of the boot processor: known before anything else runs. */
struct cpu *kernel_boot_cpu(void);

/* Called once by the boot code, when page tables, traps, interrupt controllers and clock are in
 * place. Returns when the first task is ready; the boot code then leaves for user mode. */
void kernel_main(const struct boot_machine *machine);

/* System calls: the trap code calls the handler by number itself.
 *
 *      syscall_fast        have a message call's arguments, while its words stay in registers. They
 *                          do it and leave by a way of fast.h; or change nothing but the saved
 *                          arguments and return who does it, when the words are saved, too
 *      syscall_others      return the outcome. If work is left, the trap code hands it to
 *                          kernel_syscall_done(). NULL: no such system call
 *      all other numbers   kernel_syscall_foreign() */
enum { SYSCALL_MESSAGES = 7, SYSCALL_NUMBERS = SYSCALL_END - SYSCALL_BASE };
typedef void message_handler(struct thread *thread);
typedef message_handler *fast_handler(uint64_t handle, uint64_t second, uint64_t header,
                                      struct thread *thread, uint64_t deadline);
typedef outcome_t syscall_handler(struct thread *thread);
extern fast_handler *const syscall_fast[SYSCALL_MESSAGES];
extern syscall_handler *const syscall_others[SYSCALL_NUMBERS];
void kernel_syscall_done(outcome_t outcome);
void kernel_syscall_foreign(struct thread *thread);

/* A fault in user mode; reason: enum fault_reason. Of a page fault `address` is what was accessed
 * and `access` how: MAP_READ, MAP_WRITE or MAP_EXECUTE; else 0. */
void kernel_fault(struct context *context, unsigned reason, uint64_t address, unsigned access);

/* The time has come for which the timer was armed. */
void kernel_timer(void);

/* A device interrupt, already acknowledged. `line`: from interrupt_route_gsi() or _msi(). A
 * level-triggered line has been masked. */
void kernel_interrupt(unsigned line);

/* The way out. Returns the context to load, after arch_switch() if the thread has changed; NULL:
 * nothing to run, and the trap code halts the processor until an interrupt comes. */
struct context *kernel_next(void);

#endif
