/* What the Multiboot loader says, checked: the memory map, the modules and the strings. Pure:
 * physical memory is read through a function, so that host tests and the fuzzer can run it. */
#ifndef X86_MULTIBOOT_H
#define X86_MULTIBOOT_H

#include "kernel/include/arch/arch.h"

enum { MULTIBOOT_LOADER_MAGIC = 0x2badb002 }; /* Multiboot 0.6.96, 3.2 */

struct physical_view {
        /* `bytes` at a physical address, or NULL if they cannot be read. */
        const void *(*at)(void *context, paddr_t physical, size_t bytes);
        void *context;
};

/* Fills in RAM, free memory, modules and command line of `machine`, which is all zero. Modules are
 * where the loader put them: they may still begin inside a page. `image` is where the kernel lies,
 * `limit` the end of what the direct map can reach.
 *
 * Returns NULL, or what is wrong, for a human reader. Wrong is: a map that is missing, too long,
 * runs over the end of the addresses or is in more pieces than BOOT_RANGES; a kernel image that is
 * not in RAM; a module that is not wholly in RAM, or overlaps the image or another; too many of
 * them; strings without end or too long. Memory named both usable and not is not used. */
const char *multiboot_read(struct boot_machine *machine, const struct physical_view *view,
                           uint32_t information, struct boot_range image, paddr_t limit);

/* Whether a module can stay where it is: begins on a page, and shares its last one with no other.
 */
bool multiboot_module_stays(const struct boot_machine *machine, unsigned index);

#endif
