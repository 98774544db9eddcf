/* A PCI device as its driver has it: claimed from the bus server (handle "pci"), registers and DMA
 * memory mapped where they are asked for.
 *
 * Context: a driver's one thread, at its start: each function may wait for the bus server. */
#ifndef DRIVERS_LIB_PCI_DEVICE_H
#define DRIVERS_LIB_PCI_DEVICE_H

#include <stdbool.h>
#include "drivers/lib/pci_config.h"
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

enum { PCI_DEVICE_PARTS = 8 };

struct pci_device {
        handle_t function; /* the claim: dropping it stops the device */
        uint16_t address;  /* bus << 8 | device << 3 | function */
        uint16_t vendor, device;
        struct pci_config config;
        unsigned part_count;
        struct pci_device_part { /* of base address registers, mapped */
                unsigned bar;
                uint64_t offset, bytes;
                volatile uint8_t *address;
        } parts[PCI_DEVICE_PARTS];
};

struct dma_memory {
        handle_t memory;
        void *address;
        uint64_t physical;
        uint64_t bytes;
};

/* Claims the component's device. NOT_FOUND: this machine has none. */
outcome_t pci_device_claim(struct pci_device *device);

/* Bytes `offset` to `offset + bytes` of a base address register; NULL if the driver cannot have all
 * of them. */
volatile void *pci_device_registers(struct pci_device *device, unsigned bar, uint64_t offset,
                                    uint64_t bytes);

/* Zeroed memory that the device may use. */
outcome_t pci_device_dma(struct pci_device *device, uint64_t bytes, struct dma_memory *dma);

/* Lets interrupt `vector` signal bits of the event. *line is the interrupt's handle if it has to be
 * acknowledged each time, 0 if it is a message. */
outcome_t pci_device_interrupt(struct pci_device *device, unsigned vector, handle_t event,
                               uint64_t bits, handle_t *line);

/* Lets the device access memory: only after the driver has reset it. */
outcome_t pci_device_master(struct pci_device *device, bool on);

#endif
