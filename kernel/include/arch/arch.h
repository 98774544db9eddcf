/* What the machine-independent kernel needs of the machine, beyond contexts and page tables. */
#ifndef KERNEL_ARCH_ARCH_H
#define KERNEL_ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/bootinfo.h"
#include "kernel/abi/syscall.h"
#include "kernel/include/arch/mmu.h"
#include "kernel/include/arch/percpu.h"

struct context;
struct thread;

/* ---- start ---------------------------------------------------------------------------------- */

enum { BOOT_RANGES = 64 };

struct boot_range {
        paddr_t start, end; /* whole pages, end exclusive */
};

/* What the boot code found. Free ranges hold usable RAM without kernel image, modules, boot
 * structures and the first MiB, sorted and disjoint, all below the end of the direct map. */
struct boot_machine {
        unsigned free_count;
        struct boot_range free[BOOT_RANGES];
        unsigned ram_count;
        struct boot_range ram[BOOT_RANGES]; /* all RAM, for device_memory to refuse */
        paddr_t highest;                    /* end of the highest RAM */
        unsigned module_count;
        struct {
                char name[BOOTINFO_NAME];
                paddr_t start;  /* page-aligned */
                uint64_t bytes; /* the rest of its last page is zero */
        } modules[BOOTINFO_MODULES];
        char command_line[BOOTINFO_COMMAND_LINE];
        paddr_t acpi_rsdp;
        paddr_t pci_ecam;
        uint32_t pci_bus_first, pci_bus_last;
        uint64_t tsc_hz;
};

/* Called once by the boot code, in long mode with the final page tables, GDT, IDT, APIC and clock,
 * on the CPU's kernel stack, interrupts off. Returns when the first task is ready; the boot code
 * then calls arch_exit_to_user(). */
void kernel_main(const struct boot_machine *machine);

/* ---- entries: called by the trap code with the current thread's context saved ---------------- */

/* A system call: the trap code itself calls the handler of its number. syscall_messages are those
 * that write all registers of whoever is current then; words of a message, though, can stay in the
 * processor's registers, where the system call had them: then their number is returned, and the
 * trap code sets the others to 0. syscall_others return an outcome, which is in rax on return, and
 * keep the registers that C functions keep; NULL: no such call. Where another thread may have to
 * run (struct cpu.work is not 0), kernel_syscall_done() puts the outcome where it belongs. All
 * other numbers are kernel_syscall_foreign()'s. */
enum { SYSCALL_MESSAGES = 7, SYSCALL_NUMBERS = SYSCALL_END - SYSCALL_BASE };
enum { WORDS_IN_CONTEXT = -1 };
typedef int64_t message_handler(struct thread *thread);
typedef outcome_t syscall_handler(struct thread *thread);
extern message_handler *const syscall_messages[SYSCALL_MESSAGES];
extern syscall_handler *const syscall_others[SYSCALL_NUMBERS];
void kernel_syscall_done(outcome_t outcome);
void kernel_syscall_foreign(struct thread *thread);
/* A fault in user mode; reason: enum fault_reason. `address` is CR2 of a page fault, else 0. */
void kernel_fault(struct context *context, unsigned reason, uint64_t address);
void kernel_timer(void);
/* A device interrupt, already acknowledged at the local APIC. `line`: index given to
 * interrupt_route_*. A level-triggered line has been masked. */
void kernel_interrupt(unsigned line);

/* After each of them, but for a system call that leaves nothing to do (struct cpu.work is 0), the
 * trap code calls this: it returns the context to load, having made its thread current (thread
 * switch: space, vectors, bases are arch_switch's work); NULL: nothing to run, the trap code halts
 * the processor with interrupts on until one comes. */
struct context *kernel_next(void);

/* Called by kernel_next when the thread changes: saves the vector state and bases of `from` (may be
 * NULL) and loads those of `to` with its space. */
void arch_switch(struct context *from, struct context *to, struct mmu *space);

/* ---- per-CPU data ---------------------------------------------------------------------------- */

struct cpu; /* sched/cpu.h; how it begins: percpu.h, which also has this_cpu() */

/* ---- interrupts ------------------------------------------------------------------------------ */

enum { INTERRUPT_LINES = 64 };

/* Gives an I/O APIC input (global system interrupt; ISA overrides of the MADT are applied for
 * inputs 0..15) a line, edge or level. Masked until interrupt_unmask. -1: no such input, or taken.
 */
int interrupt_route_gsi(unsigned gsi, bool level_low);
/* A line for a message-signalled interrupt: address and data to be programmed. -1: none left. */
int interrupt_route_msi(uint64_t *address, uint32_t *data);
void interrupt_mask(unsigned line);
void interrupt_unmask(unsigned line);
void interrupt_release(unsigned line); /* masked, free for another */

/* Lets pending interrupts in for a moment inside a long operation: they are marked, and handled by
 * kernel_interrupt and kernel_timer as usual; no thread switch happens. */
void arch_preemption_point(void);

/* ---- time ------------------------------------------------------------------------------------ */

uint64_t clock_now(void);             /* ns since boot, monotonic */
void timer_arm(uint64_t deadline_ns); /* kernel_timer at or soon after it; TIME_NEVER: none */

/* ---- machine --------------------------------------------------------------------------------- */

uint32_t ioport_in(uint16_t port, unsigned width);
void ioport_out(uint16_t port, unsigned width, uint32_t value);
bool ioport_reserved(uint16_t base,
                     uint32_t count); /* used by the kernel itself: PIC, PIT, PM timer */
bool device_reserved(paddr_t start, paddr_t end); /* APICs, HPET */
void machine_power_off(void) __attribute__((noreturn));
void machine_reboot(void) __attribute__((noreturn));
void machine_exit(unsigned status) __attribute__((noreturn)); /* isa-debug-exit, else power off */

/* Emergency console: serial line COM1 and the text screen; polls, usable in any context. */
void console_write(const char *text, size_t bytes);
void console_enable(bool on); /* off: only the panic writes */

/* Stops the other processors, turns the console on; for debug/panic.c. */
void arch_panic_begin(void);
void arch_halt(void) __attribute__((noreturn));
/* Walks the kernel's frame pointers from one on: fills in return addresses, returns how many. */
unsigned arch_backtrace(uint64_t frame, uint64_t *addresses, unsigned most);

#endif
