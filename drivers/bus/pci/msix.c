/* The MSI-X capability and the entries of its table (msix.h). An entry is masked while it
 * changes. */
#include <stddef.h>
#include <linux/pci_regs.h>
#include "drivers/bus/pci/msix.h"

enum { ENTRY_WORDS = PCI_MSIX_ENTRY_SIZE / 4 };

struct msix msix_find(const struct pci_config *config, const struct pci_bar bars[PCI_BARS])
{
        unsigned capability = pci_capability_find(config, PCI_CAP_ID_MSIX, 0);
        uint32_t where = pci_config_32(config, capability + PCI_MSIX_TABLE);
        struct msix none = {.capability = 0};
        struct msix msix = {.capability = capability};
        if (capability == 0 || capability + PCI_CAP_MSIX_SIZEOF > PCI_CONFIG_BYTES)
                return none;
        msix.vectors =
            (pci_config_16(config, capability + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_QSIZE) + 1u;
        msix.bar = where & PCI_MSIX_TABLE_BIR;
        msix.table.offset = where & PCI_MSIX_TABLE_OFFSET;
        msix.table.bytes = (uint64_t)msix.vectors * PCI_MSIX_ENTRY_SIZE;
        if (msix.bar >= PCI_BARS || bars[msix.bar].kind != PCI_BAR_MEMORY ||
            msix.table.offset + msix.table.bytes > bars[msix.bar].bytes)
                return none;
        return msix;
}

void msix_enable(const struct config_space *space, uint16_t address, const struct msix *msix,
                 bool on)
{
        unsigned offset = msix->capability + PCI_MSIX_FLAGS;
        uint32_t flags = config_read(space, address, offset, 2);
        flags &= ~(uint32_t)(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
        config_write(space, address, offset, 2, on ? flags | PCI_MSIX_FLAGS_ENABLE : flags);
}

void msix_entry_set(volatile uint32_t *table, unsigned vector, uint64_t message_address,
                    uint32_t data)
{
        volatile uint32_t *entry = table + (size_t)vector * ENTRY_WORDS;
        entry[PCI_MSIX_ENTRY_VECTOR_CTRL / 4] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
        entry[PCI_MSIX_ENTRY_LOWER_ADDR / 4] = (uint32_t)message_address;
        entry[PCI_MSIX_ENTRY_UPPER_ADDR / 4] = (uint32_t)(message_address >> 32);
        entry[PCI_MSIX_ENTRY_DATA / 4] = data;
        entry[PCI_MSIX_ENTRY_VECTOR_CTRL / 4] = 0;
}

void msix_entry_mask(volatile uint32_t *table, unsigned vector)
{
        table[(size_t)vector * ENTRY_WORDS + PCI_MSIX_ENTRY_VECTOR_CTRL / 4] =
            PCI_MSIX_ENTRY_CTRL_MASKBIT;
}
