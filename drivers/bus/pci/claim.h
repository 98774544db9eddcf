/* A function while a driver has it: what was handed out for it, and how all of that ends.
 *
 *                claim_open
 *        free ---------------> claimed ---.
 *          ^                   |   ^      |  claim_memory, claim_interrupt,
 *          '-------------------'   '------'  claim_dma, claim_master
 *               claim_close
 *
 * claim_close stops the device, resets it, and then lets go of interrupts and DMA memory, in that
 * order.
 *
 * The server keeps its own handle of each interrupt and of all DMA memory: whatever becomes of the
 * driver, a vector or a page that the device was told of is not used for anything else before the
 * device has been stopped.
 *
 * Context: the server's one thread. claim_close may take 100 ms where a device offers a reset. */
#ifndef DRIVERS_BUS_PCI_CLAIM_H
#define DRIVERS_BUS_PCI_CLAIM_H

#include "drivers/bus/pci/functions.h"
#include "drivers/bus/pci/msix.h"
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "servers/proto/pci.h"
#include "servers/proto/pci_layout.h"

enum { CLAIM_INTERRUPTS = 8 };

struct claim {
        const struct config_space *space;
        handle_t hardware;
        uint16_t address;
        uint64_t badge; /* of the right that the driver holds; 0: nobody has the function */
        uint64_t owner; /* badge of the component that claimed it */
        struct pci_config config;
        struct pci_bar bars[PCI_BARS];
        struct msix msix;
        volatile uint32_t *table; /* the mapped MSI-X table; NULL: not yet */
        uint8_t *table_pages;
        uint64_t table_bytes;
        unsigned interrupt_count, dma_count;
        uint64_t dma_bytes;
        handle_t interrupts[CLAIM_INTERRUPTS];
        handle_t dma[PCI_DMA_OBJECTS];
};

/* Begins a claim of a function that nobody has: stopped, sized, decoding its memory. */
void claim_open(struct claim *claim, const struct config_space *space, handle_t hardware,
                const struct pci_function *function, uint64_t badge, uint64_t owner);

/* Ends it. Returns whether the device offered a reset. */
bool claim_close(struct claim *claim);

/* What the methods of the same names hand out (pci.idl). The device memory belongs to the caller;
 * of interrupts and DMA memory the caller gets to see the claim's own handle, to be copied. */
outcome_t claim_memory(struct claim *claim, uint64_t bar, uint64_t part, handle_t *memory,
                       struct pci_range *range);
outcome_t claim_interrupt(struct claim *claim, uint64_t vector, handle_t *interrupt,
                          enum pci_kind *kind);
outcome_t claim_dma(struct claim *claim, uint64_t bytes, handle_t *memory);
void claim_master(struct claim *claim, bool on);

#endif
