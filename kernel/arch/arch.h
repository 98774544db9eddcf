/* What the machine-independent kernel needs from the machine, besides contexts and page tables.
 * What the machine calls in turn is in entry.h. */
#ifndef KERNEL_ARCH_ARCH_H
#define KERNEL_ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/bootinfo.h"
#include "kernel/arch/mmu.h"
#include "kernel/arch/percpu.h"

struct context;

/* ---- start ---------------------------------------------------------------------------------- */

enum { BOOT_RANGES = 64 };

struct boot_range {
        paddr_t start, end; /* whole pages, end exclusive */
};

/* Whether any of the ranges has something in common with [start, end). */
static inline bool ranges_meet(const struct boot_range *list, unsigned count, paddr_t start,
                               paddr_t end)
{
        for (unsigned i = 0; i < count; i++)
                if (start < list[i].end && list[i].start < end)
                        return true;
        return false;
}

/* What the boot code has found. The free ranges are usable RAM without the kernel image, modules,
 * boot structures and the first MiB: sorted, disjoint, below the end of the direct map. */
struct boot_machine {
        unsigned free_count;
        struct boot_range free[BOOT_RANGES];
        unsigned ram_count;
        struct boot_range ram[BOOT_RANGES]; /* all RAM: not mapped as device memory */
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

/* ---- threads ------------------------------------------------------------------------------- */

/* Saves the vector state and segment bases of the context that is loaded, and loads those of `to`
 * with its space. */
void arch_switch(struct context *to, struct mmu *space);

/* ---- per-CPU data ---------------------------------------------------------------------------- */

struct cpu; /* sched/cpu.h; percpu.h has its beginning and this_cpu() */

/* ---- interrupts ------------------------------------------------------------------------------ */

enum { INTERRUPT_LINES = 64 };

/* Assigns a line to an input of the interrupt controllers (a global system interrupt of ACPI; 0 to
 * 15 are ISA's). Masked until interrupt_unmask(). -1: no such input, or taken. */
int interrupt_route_gsi(unsigned gsi, bool level_low);
/* A line for a message-signalled interrupt, with the address and data to program. -1: none left. */
int interrupt_route_msi(uint64_t *address, uint32_t *data);
void interrupt_mask(unsigned line);
void interrupt_unmask(unsigned line);
void interrupt_release(unsigned line); /* masked, free for another */

/* Lets pending interrupts in during a long operation. kernel_interrupt() and kernel_timer() note
 * them; no thread switch happens. */
void arch_preemption_point(void);

/* ---- time ------------------------------------------------------------------------------------ */

uint64_t clock_now(void);             /* ns since boot, monotonic */
void timer_arm(uint64_t deadline_ns); /* for kernel_timer(), never early; TIME_NEVER: none */

/* ---- machine --------------------------------------------------------------------------------- */

paddr_t physical_end(void); /* where the processor's physical addresses end */
uint32_t ioport_in(uint16_t port, unsigned width);
void ioport_out(uint16_t port, unsigned width, uint32_t value);
/* Whether the kernel itself uses any of it: PIC, ACPI timer and power control; APICs, HPET. */
bool ioport_reserved(uint16_t base, uint32_t count);
bool device_reserved(paddr_t start, paddr_t end);
void machine_power_off(void) __attribute__((noreturn));
void machine_reboot(void) __attribute__((noreturn));
void machine_exit(unsigned status) __attribute__((noreturn)); /* isa-debug-exit, else power off */

/* The console: a text screen, and a serial line, which takes what it has room for and returns how
 * many bytes that were. Neither waits; both can be used in any context. */
void console_show(const char *text, size_t bytes);
size_t console_send(const char *text, size_t bytes);
/* For a panic: waits until the line has room; false: it is stuck. */
bool console_wait(void);
void console_enable(bool on); /* off: only a panic writes */

/* Interrupts off, console on and cleared: for debug/panic.c. */
void arch_panic_begin(void);
void arch_halt(void) __attribute__((noreturn));
/* Follows the kernel's frame pointers from `frame` on; returns how many return addresses it found.
 */
unsigned arch_backtrace(uint64_t frame, uint64_t *addresses, unsigned most);

#endif
