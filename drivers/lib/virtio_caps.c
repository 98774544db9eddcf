/* Finds virtio's structures among the vendor capabilities (virtio_caps.h). What a capability says
 * is checked before it is given out. */
#include <stddef.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include "drivers/lib/virtio_caps.h"

_Static_assert(sizeof(struct virtio_pci_cap) == 16, "virtio 1.1, 4.1.4");
_Static_assert(offsetof(struct virtio_pci_notify_cap, notify_off_multiplier) == 16,
               "virtio 1.1, 4.1.4.4");

enum { BARS = 6 };

bool virtio_place_find(const struct pci_config *config, uint8_t type, uint32_t bytes,
                       struct virtio_place *place)
{
        unsigned at = 0;
        while ((at = pci_capability_find(config, PCI_CAP_ID_VNDR, at)) != 0) {
                unsigned length = pci_config_8(config, at + VIRTIO_PCI_CAP_LEN);
                if (pci_config_8(config, at + VIRTIO_PCI_CAP_CFG_TYPE) != type ||
                    length < sizeof(struct virtio_pci_cap) || at + length > PCI_CONFIG_BYTES)
                        continue;
                place->bar = pci_config_8(config, at + VIRTIO_PCI_CAP_BAR);
                place->offset = pci_config_32(config, at + VIRTIO_PCI_CAP_OFFSET);
                place->bytes = pci_config_32(config, at + VIRTIO_PCI_CAP_LENGTH);
                place->multiplier = 0;
                if (length >= sizeof(struct virtio_pci_notify_cap))
                        place->multiplier = pci_config_32(config, at + VIRTIO_PCI_NOTIFY_CAP_MULT);
                if (place->bar < BARS && place->bytes >= bytes && place->offset % 4 == 0)
                        return true;
        }
        return false;
}
