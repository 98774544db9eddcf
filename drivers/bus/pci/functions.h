/* Which functions there are: a walk over the buses, through the bridges that the firmware has set
 * up (PCI-to-PCI Bridge Architecture Specification 1.2, section 3.2.5). A bridge may claim
 * anything; no bus is walked twice, so the walk ends. Pure. */
#ifndef DRIVERS_BUS_PCI_FUNCTIONS_H
#define DRIVERS_BUS_PCI_FUNCTIONS_H

#include <stdbool.h>
#include "drivers/bus/pci/config_space.h"

enum { PCI_FUNCTIONS_MAX = 64 };

struct pci_function {
        uint16_t address; /* bus << 8 | device << 3 | function */
        uint16_t vendor, device;
        uint32_t class; /* class, subclass, programming interface: 24 bits */
        uint8_t header; /* type 0: an endpoint, 1: a bridge */
};

/* Calls `each` for every function, in the order of the walk. */
void pci_functions_each(const struct config_space *space,
                        void (*each)(void *context, const struct pci_function *function),
                        void *context);

/* Writes what was found, in that order, at most `most`; returns how many there are. */
unsigned pci_functions_find(const struct config_space *space, struct pci_function *functions,
                            unsigned most);

/* Whether it is what drivers drive: a type 0 function that is no bridge of any kind (class 06:
 * host, ISA and the like). */
bool pci_function_is_endpoint(const struct pci_function *function);

/* Whether it is a network controller (class 02). */
bool pci_function_is_network(const struct pci_function *function);

#endif
