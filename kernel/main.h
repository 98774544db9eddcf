/* The start of the machine-independent kernel, and what it keeps of what the boot code found. */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include <stdbool.h>
#include "kernel/include/arch/mmu.h"

/* Whether any byte of the physical range is RAM. */
bool machine_is_ram(paddr_t start, paddr_t end);

#endif
