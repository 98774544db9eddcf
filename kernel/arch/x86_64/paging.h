/* The kernel's half of every address space, made once at the start and the same ever after:
 *
 *      DIRECT_MAP      all RAM and the ACPI tables that were read, by physical address; no execute
 *      KERNEL_BASE     the image: text read and execute, constants read, data read and write
 *      DEVICE_WINDOW   registers of the interrupt controllers and timers, uncached
 *
 * The image's text and constants are read-only in the direct map too. */
#ifndef X86_PAGING_H
#define X86_PAGING_H

#include <stddef.h>
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/arch.h"

#define DEVICE_WINDOW    0xffffffffc0000000ull
#define DIRECT_MAP_BYTES (512ull << 30) /* RAM beyond is not used: one entry of the root */

/* Where a symbol of the linker script lies in physical memory. */
static inline paddr_t image_physical(const char *symbol)
{
        return (uint64_t)symbol - KERNEL_BASE;
}

/* Builds the tables from pages of machine->free below 4 GiB and loads them. Panics without memory.
 * Needs the boot tables; `machine` must stay, since the functions below take pages from it, too. */
void paging_start(struct boot_machine *machine);

/* The root of the kernel's own tables. */
paddr_t paging_root(void);

/* Takes whole pages, zeroed, from machine->free below 4 GiB for good. Panics if there are none.
 * Only until kernel_main(). */
paddr_t paging_take(uint64_t bytes);

/* Maps device registers for good. Only until kernel_main(). */
volatile void *paging_map_device(paddr_t physical, size_t bytes);

/* Makes firmware tables, which need not be in RAM, readable through direct(). False beyond the
 * direct map. Only until kernel_main(). */
bool paging_map_firmware(paddr_t physical, size_t bytes);

#endif
