/* Reads a copied configuration space (pci_config.h). No offset that a device names is used before
 * it is compared with the copy's size. */
#include <stdbool.h>
#include <string.h>
#include <linux/pci_regs.h>
#include "drivers/lib/pci_config.h"

uint8_t pci_config_8(const struct pci_config *config, unsigned offset)
{
        return offset < PCI_CONFIG_BYTES ? config->bytes[offset] : UINT8_MAX;
}

uint16_t pci_config_16(const struct pci_config *config, unsigned offset)
{
        uint16_t value = UINT16_MAX;
        if (offset <= PCI_CONFIG_BYTES - sizeof value)
                memcpy(&value, config->bytes + offset, sizeof value);
        return value;
}

uint32_t pci_config_32(const struct pci_config *config, unsigned offset)
{
        uint32_t value = UINT32_MAX;
        if (offset <= PCI_CONFIG_BYTES - sizeof value)
                memcpy(&value, config->bytes + offset, sizeof value);
        return value;
}

unsigned pci_capability_find(const struct pci_config *config, uint8_t id, unsigned after)
{
        uint64_t visited = 0; /* a bit for each aligned offset: the walk passes none twice */
        bool behind = after == 0;
        unsigned offset;
        if ((pci_config_16(config, PCI_STATUS) & PCI_STATUS_CAP_LIST) == 0)
                return 0;
        offset = pci_config_8(config, PCI_CAPABILITY_LIST) & ~3u;
        while (offset >= PCI_STD_HEADER_SIZEOF && (visited >> offset / 4 & 1) == 0) {
                visited |= 1ull << offset / 4;
                if (behind && pci_config_8(config, offset) == id)
                        return offset;
                if (offset == after)
                        behind = true;
                offset = pci_config_8(config, offset + PCI_CAP_LIST_NEXT) & ~3u;
        }
        return 0;
}
