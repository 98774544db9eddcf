/* Where a modern virtio device keeps its registers: the vendor capabilities of its configuration
 * space (Virtual I/O Device, version 1.1, section 4.1.4). Pure. */
#ifndef DRIVERS_LIB_VIRTIO_CAPS_H
#define DRIVERS_LIB_VIRTIO_CAPS_H

#include <stdbool.h>
#include "drivers/lib/pci_config.h"

struct virtio_place {
        unsigned bar; /* 0 to 5 */
        uint32_t offset, bytes;
        uint32_t multiplier; /* of the notification structure: bytes between two queues */
};

/* Finds the first structure of a type (VIRTIO_PCI_CAP_…_CFG) that has at least `bytes`. False:
 * there is none that makes sense. */
bool virtio_place_find(const struct pci_config *config, uint8_t type, uint32_t bytes,
                       struct virtio_place *place);

#endif
