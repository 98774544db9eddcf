/* A machine of plain memory, on which the kernel's machine-independent code runs inside a Linux
 * program: it implements kernel/arch.
 *
 *      physical memory     an arena; direct() is an offset into it. Free frames and free cells are
 *                          poisoned for AddressSanitizer, so whoever uses one is caught (poison.c)
 *      page tables         a radix tree in pages of the space's account, like the processor's
 *                          (mmu.c). It counts by how many entries each frame is mapped: a frame
 *                          that is freed while it is mapped ends the program
 *      clock, timer        the test moves the clock; timer_arm() is remembered
 *      interrupts          the test raises lines
 *      the processor       kernel_next() says whose turn it is; the test is the user program
 *
 * A panic ends the program with abort(). One machine at a time. */
#ifndef HOST_MACHINE_H
#define HOST_MACHINE_H

#include "kernel/arch/arch.h"
#include "kernel/arch/entry.h"
#include "kernel/object/account_object.h"

/* What the machine remembers of a frame. */
struct machine_frame {
        uint16_t mapped;     /* page-table entries that lead to it */
        uint16_t cell_bytes; /* of a slab: the size of its cells */
};

struct machine {
        uint64_t clock;    /* ns */
        uint64_t timer_at; /* armed for, or TIME_NEVER */
        struct account *root;
        uint64_t frames;             /* of the arena */
        struct machine_frame *frame; /* by number */
        uint64_t preemption_points;
        struct {
                bool taken, masked, level;
                unsigned gsi; /* or MACHINE_MSI */
        } lines[INTERRUPT_LINES];
        uint32_t ports_written; /* by ioport_out */
        bool allocations_limited;
        uint64_t allocations_left; /* if limited: the next allocation after so many fails */
        bool allocation_failed;
};

enum { MACHINE_MSI = 0x10000, MACHINE_GSIS = 24, MACHINE_START = 1 << 20 };

extern struct machine machine;

/* Once in a process: a machine with free memory from 1 MiB to `highest`, with frames, scheduler and
 * the root account, which has all of it. */
void machine_start(paddr_t highest);
/* The same with ranges of its own. */
void machine_start_with(const struct boot_machine *description);

/* The clock moves on; the timer fires if it was armed for that. */
void machine_advance(uint64_t ns);
/* The clock moves to the time for which the timer is armed; false: it is not. */
bool machine_advance_to_timer(void);
/* A device raises a line; nothing happens if it is masked or not routed. */
void machine_raise(unsigned line);

/* From now on `count` allocations succeed and the next fails. */
void machine_limit_allocations(uint64_t count);
/* No limit any more; whether an allocation was refused. */
bool machine_unlimit_allocations(void);

/* Loads the space if it is not. */
void mmu_load(struct mmu *mmu);

/* The system call that the context asks for. */
void kernel_syscall(struct context *context);

/* How many table pages a space has, its root included. */
uint64_t mmu_tables(const struct mmu *mmu);

/* No use of that memory is right, or any. */
void machine_poison(paddr_t start, paddr_t end);
void machine_unpoison(paddr_t start, paddr_t end);

/* Whether the object, or whatever lay at this address, has been freed. */
bool machine_is_freed(const void *address);

#endif
