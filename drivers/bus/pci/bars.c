/* Sizing registers, and the parts of them that drivers may have (bars.h). While a register is sized
 * it holds all ones, so the device must not decode addresses. */
#include <linux/pci_regs.h>
#include "drivers/bus/pci/bars.h"
#include "kernel/abi/memory.h"

#define MEMORY_MASK_32 0xfffffff0u
#define PORTS_MASK     0xfffffffcu
#define ALL_ONES       0xffffffffu

/* Reads a register and which of its bits can be set. */
static uint32_t register_probe(const struct config_space *space, uint16_t address, unsigned offset,
                               uint32_t *settable)
{
        uint32_t value = config_read(space, address, offset, 4);
        config_write(space, address, offset, 4, ALL_ONES);
        *settable = config_read(space, address, offset, 4);
        config_write(space, address, offset, 4, value);
        return value;
}

/* Makes a bar of a base and the settable address bits, if these are as the specification wants. */
static struct pci_bar bar_make(enum pci_bar_kind kind, uint64_t base, uint64_t settable)
{
        uint64_t bytes = settable & -settable; /* the lowest one is the size */
        struct pci_bar none = {.kind = PCI_BAR_NONE};
        if (bytes == 0 || base == 0 || (base & (bytes - 1)) != 0 || base + bytes < base)
                return none;
        return (struct pci_bar){.kind = kind, .base = base, .bytes = bytes};
}

/* Reads the register with that index; returns how many registers it takes. */
static unsigned bar_read(const struct config_space *space, uint16_t address, unsigned index,
                         struct pci_bar bars[PCI_BARS])
{
        unsigned offset = PCI_BASE_ADDRESS_0 + 4 * index;
        uint32_t low_bits, high_bits;
        uint32_t low = register_probe(space, address, offset, &low_bits);
        uint64_t high;
        if (low & PCI_BASE_ADDRESS_SPACE_IO) {
                bars[index] = bar_make(PCI_BAR_PORTS, low & PORTS_MASK & 0xffff,
                                       low_bits & PORTS_MASK & 0xffff);
                return 1;
        }
        if ((low & PCI_BASE_ADDRESS_MEM_TYPE_MASK) != PCI_BASE_ADDRESS_MEM_TYPE_64) {
                bars[index] =
                    bar_make(PCI_BAR_MEMORY, low & MEMORY_MASK_32, low_bits & MEMORY_MASK_32);
                return 1;
        }
        if (index + 1 == PCI_BARS)
                return 1;
        high = register_probe(space, address, offset + 4, &high_bits);
        bars[index] = bar_make(PCI_BAR_MEMORY, high << 32 | (low & MEMORY_MASK_32),
                               (uint64_t)high_bits << 32 | (low_bits & MEMORY_MASK_32));
        return 2;
}

void pci_bars_read(const struct config_space *space, uint16_t address,
                   struct pci_bar bars[PCI_BARS])
{
        uint32_t command = config_read(space, address, PCI_COMMAND, 2);
        uint32_t quiet = command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        for (unsigned i = 0; i < PCI_BARS; i++)
                bars[i] = (struct pci_bar){.kind = PCI_BAR_NONE};
        config_write(space, address, PCI_COMMAND, 2, quiet);
        for (unsigned i = 0; i < PCI_BARS;)
                i += bar_read(space, address, i, bars);
        config_write(space, address, PCI_COMMAND, 2, command);
}

bool pci_bar_part(const struct pci_bar *bar, struct pci_range hole, unsigned part,
                  struct pci_range *range)
{
        uint64_t hole_first = hole.offset & ~(uint64_t)(PAGE_SIZE - 1);
        uint64_t hole_end = (hole.offset + hole.bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
        struct pci_range parts[2] = {{0, bar->bytes}, {0, 0}};
        unsigned found = 0;
        if (bar->kind != PCI_BAR_MEMORY || (bar->base | bar->bytes) % PAGE_SIZE != 0)
                return false;
        if (hole.bytes != 0 && hole_first < bar->bytes) {
                parts[0].bytes = hole_first;
                if (hole_end < bar->bytes)
                        parts[1] = (struct pci_range){hole_end, bar->bytes - hole_end};
        }
        for (unsigned i = 0; i < 2; i++) {
                if (parts[i].bytes != 0 && found++ == part) {
                        *range = parts[i];
                        return true;
                }
        }
        return false;
}
