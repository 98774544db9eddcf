/* Constants and layouts of interface pci (pci.idl). */
#ifndef PROTO_PCI_LAYOUT_H
#define PROTO_PCI_LAYOUT_H

#include <stdint.h>

/* What a component can drive, and by which of its drivers: `admit` takes an array of these. */
struct pci_id {
        uint16_t vendor, device;
        uint16_t driver; /* counted by the supervisor */
};

_Static_assert(sizeof(struct pci_id) == 6, "layout of a message");

enum {
        PCI_ADMIT_IDS = 64,          /* most in one `admit` */
        PCI_CONFIG_BYTES = 256,      /* what `config` returns */
        PCI_DMA_BYTES_MAX = 4 << 20, /* all DMA memory of one function */
        PCI_DMA_OBJECTS = 8,         /* and the number of its objects */
};

#endif
