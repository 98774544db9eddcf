/* The Multiboot loader's information, checked: memory map, modules and strings. Pure: physical
 * memory is read through a function, so that host tests and the fuzzer can run it. */
#ifndef X86_MULTIBOOT_H
#define X86_MULTIBOOT_H

#include "kernel/arch/arch.h"

enum { MULTIBOOT_LOADER_MAGIC = 0x2badb002 }; /* Multiboot 0.6.96, 3.2 */

struct physical_view {
        /* `bytes` at a physical address, or NULL if they cannot be read. */
        const void *(*at)(void *context, paddr_t physical, size_t bytes);
        void *context;
};

/* Fills in RAM, free memory, modules and command line of `machine`, which is all zero. Modules are
 * where the loader put them. `image` is where the kernel lies, `limit` the end of what the direct
 * map can reach.
 *
 * Returns NULL, or a message for the user: the map is missing, too long, wraps around the address
 * space or has more than BOOT_RANGES pieces; the kernel image is not in RAM; a module does not
 * begin on a page, is not entirely in RAM, or overlaps the image or another module; there are too
 * many modules; a string is too long or has no end. Memory that is named both usable and unusable
 * is not used. */
const char *multiboot_read(struct boot_machine *machine, const struct physical_view *view,
                           uint32_t information, struct boot_range image, paddr_t limit);

#endif
