/* The MSI-X capability and its table (PCI Local Bus Specification 3.0, section 6.8.2). The table
 * decides where a device writes to when it interrupts, so only the bus server ever maps it. */
#ifndef DRIVERS_BUS_PCI_MSIX_H
#define DRIVERS_BUS_PCI_MSIX_H

#include "drivers/bus/pci/bars.h"

struct msix {
        unsigned capability; /* its offset; 0: the device has no MSI-X that can be used */
        unsigned vectors;    /* entries of the table */
        unsigned bar;
        struct pci_range table; /* within the register */
};

/* Finds the capability. A table that does not lie within a memory register is none. */
struct msix msix_find(const struct pci_config *config, const struct pci_bar bars[PCI_BARS]);

/* Enables or disables MSI-X; masked entries stay so. */
void msix_enable(const struct config_space *space, uint16_t address, const struct msix *msix,
                 bool on);

/* Writes an entry of a mapped table and unmasks it; or masks it. vector < msix->vectors. */
void msix_entry_set(volatile uint32_t *table, unsigned vector, uint64_t message_address,
                    uint32_t data);
void msix_entry_mask(volatile uint32_t *table, unsigned vector);

#endif
