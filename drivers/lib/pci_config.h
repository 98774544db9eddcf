/* Reading a copy of a function's configuration space (PCI Local Bus Specification 3.0, chapter 6;
 * offsets from <linux/pci_regs.h>).
 *
 * The copy is made once, so what was checked is what is used. A device is hostile: reads beyond the
 * copy give all ones, as a missing device does, and a capability list ends where it leaves the
 * copy, points into the header or comes back to itself.
 *
 * Pure; used by the bus server and by drivers. */
#ifndef DRIVERS_LIB_PCI_CONFIG_H
#define DRIVERS_LIB_PCI_CONFIG_H

#include <stdint.h>
#include "servers/proto/pci_layout.h"

struct pci_config {
        uint8_t bytes[PCI_CONFIG_BYTES];
};

uint8_t pci_config_8(const struct pci_config *config, unsigned offset);
uint16_t pci_config_16(const struct pci_config *config, unsigned offset);
uint32_t pci_config_32(const struct pci_config *config, unsigned offset);

/* The offset of the first capability with that id behind the one at offset `after` (0: of all); 0
 * if there is none. A walk that passes each result as the next `after` ends. */
unsigned pci_capability_find(const struct pci_config *config, uint8_t id, unsigned after);

#endif
