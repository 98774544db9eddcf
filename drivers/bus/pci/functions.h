/* Which functions there are: a walk over the buses, through the bridges that the firmware has set
 * up (PCI-to-PCI Bridge Architecture Specification 1.2, section 3.2.5). A bridge may claim
 * anything; no bus is walked twice, so the walk ends. */
#ifndef DRIVERS_BUS_PCI_FUNCTIONS_H
#define DRIVERS_BUS_PCI_FUNCTIONS_H

#include "drivers/bus/pci/config_space.h"

enum { PCI_FUNCTIONS_MAX = 64 };

struct pci_function {
        uint16_t address; /* bus << 8 | device << 3 | function */
        uint16_t vendor, device;
        uint32_t class; /* class, subclass, programming interface: 24 bits */
        uint8_t header; /* type 0: an endpoint, 1: a bridge */
};

/* Writes what was found, in the order of the walk; returns how many, at most `most`. */
unsigned pci_functions_find(const struct config_space *space, struct pci_function *functions,
                            unsigned most);

#endif
