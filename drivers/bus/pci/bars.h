/* Base address registers (PCI Local Bus Specification 3.0, section 6.2.5.1): where they are, how
 * large, and which parts of them a driver may have.
 *
 *      register   |----------|===========|--------------------|
 *                    part 0      MSI-X          part 1
 *                                table
 *
 * Parts are whole pages. Those that the table touches are left out. */
#ifndef DRIVERS_BUS_PCI_BARS_H
#define DRIVERS_BUS_PCI_BARS_H

#include <stdbool.h>
#include "drivers/bus/pci/config_space.h"

enum { PCI_BARS = 6 };

enum pci_bar_kind { PCI_BAR_NONE, PCI_BAR_MEMORY, PCI_BAR_PORTS };

struct pci_bar {
        enum pci_bar_kind kind;
        uint64_t base, bytes;
};

struct pci_range {
        uint64_t offset, bytes;
};

/* Sizes the registers of an endpoint. Meanwhile the device neither decodes addresses nor masters
 * the bus; then its command register is as before. What the firmware left without an address, or
 * what makes no sense, is PCI_BAR_NONE. */
void pci_bars_read(const struct config_space *space, uint16_t address,
                   struct pci_bar bars[PCI_BARS]);

/* The part-th part of a memory register without the pages that `hole` touches (bytes 0: no hole).
 * False: there is no such part. Registers that do not begin and end at pages have none: their pages
 * may hold another device's registers. */
bool pci_bar_part(const struct pci_bar *bar, struct pci_range hole, unsigned part,
                  struct pci_range *range);

#endif
