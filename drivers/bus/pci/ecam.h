/* The configuration space as memory: PCI Express's window (PCI Express Base Specification 3.0,
 * section 7.2.2), 1 MiB for each bus, 4 KiB for each function. A bus is mapped when it is first
 * looked at: a machine has few, and all 256 would cost half a MiB of page tables. */
#ifndef DRIVERS_BUS_PCI_ECAM_H
#define DRIVERS_BUS_PCI_ECAM_H

#include <stdbool.h>
#include "drivers/bus/pci/config_space.h"
#include "kernel/abi/rights.h"

enum { ECAM_BUSES = 256 };

struct ecam {
        handle_t hardware;
        uint64_t physical; /* of bus 0 */
        bool tried[ECAM_BUSES];
        volatile uint8_t *bus[ECAM_BUSES]; /* NULL: not mapped, or cannot be */
        struct config_space space;
};

/* Sets up ecam->space over the window at `physical` with those buses. */
void ecam_init(struct ecam *ecam, handle_t hardware, uint64_t physical, unsigned bus_first,
               unsigned bus_last);

/* Unmaps all buses. */
void ecam_close(struct ecam *ecam);

#endif
