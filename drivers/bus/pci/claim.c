/* What a claim hands out, and how it ends (claim.h). The device is stopped before anything that it
 * was told of is let go. */
#include <string.h>
#include <linux/pci_regs.h>
#include "drivers/bus/pci/claim.h"
#include "drivers/bus/pci/stop.h"
#include "servers/rt/task/memory.h"

enum { LINE_NONE = 0, LINE_UNKNOWN = 255 };

static void command_change(struct claim *claim, uint32_t clear, uint32_t set)
{
        uint32_t command = config_read(claim->space, claim->address, PCI_COMMAND, 2);
        config_write(claim->space, claim->address, PCI_COMMAND, 2, (command & ~clear) | set);
}

void claim_open(struct claim *claim, const struct config_space *space, handle_t hardware,
                const struct pci_function *function, uint64_t badge, uint64_t owner)
{
        memset(claim, 0, sizeof *claim);
        claim->space = space;
        claim->hardware = hardware;
        claim->address = function->address;
        claim->badge = badge;
        claim->owner = owner;
        function_stop(space, claim->address);
        pci_bars_read(space, claim->address, claim->bars);
        config_copy(space, claim->address, &claim->config);
        claim->msix = msix_find(&claim->config, claim->bars);
        command_change(claim, 0, PCI_COMMAND_MEMORY);
}

bool claim_close(struct claim *claim)
{
        bool reset;
        function_stop(claim->space, claim->address);
        reset = function_reset(claim->space, claim->address);
        if (claim->table_pages)
                rt_memory_free(claim->table_pages, claim->table_bytes);
        for (unsigned i = 0; i < claim->interrupt_count; i++)
                sys_handle_close(claim->interrupts[i]);
        for (unsigned i = 0; i < claim->dma_count; i++)
                sys_handle_close(claim->dma[i]);
        memset(claim, 0, sizeof *claim);
        return reset;
}

outcome_t claim_memory(struct claim *claim, uint64_t bar, uint64_t part, handle_t *memory,
                       struct pci_range *range)
{
        struct pci_range hole = {0, 0};
        if (bar >= PCI_BARS || part >= 2)
                return answered(REASON_NOT_FOUND);
        if (claim->msix.capability != 0 && claim->msix.bar == bar)
                hole = claim->msix.table;
        if (!pci_bar_part(&claim->bars[bar], hole, (unsigned)part, range))
                return answered(REASON_NOT_FOUND);
        return sys_device_memory(claim->hardware, claim->bars[bar].base + range->offset,
                                 range->bytes, memory);
}

static outcome_t table_map(struct claim *claim)
{
        const struct msix *msix = &claim->msix;
        uint64_t first = msix->table.offset & ~(uint64_t)(PAGE_SIZE - 1);
        uint64_t within = msix->table.offset - first;
        uint64_t bytes = page_up(within + msix->table.bytes);
        handle_t memory;
        void *pages;
        outcome_t outcome;
        if (claim->table)
                return OUTCOME_OK;
        outcome =
            sys_device_memory(claim->hardware, claim->bars[msix->bar].base + first, bytes, &memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = rt_memory_map(memory, 0, bytes, MAP_READ | MAP_WRITE, &pages);
        sys_handle_close(memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        claim->table_pages = pages;
        claim->table_bytes = bytes;
        claim->table = (volatile uint32_t *)(claim->table_pages + within);
        for (unsigned i = 0; i < msix->vectors; i++)
                msix_entry_mask(claim->table, i);
        return OUTCOME_OK;
}

static outcome_t message_interrupt(struct claim *claim, uint64_t vector, handle_t *interrupt)
{
        uint64_t message_address, data;
        outcome_t outcome;
        if (vector >= claim->msix.vectors)
                return answered(REASON_NOT_FOUND);
        outcome = table_map(claim);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_interrupt_create(claim->hardware, INTERRUPT_MSI, interrupt, &message_address,
                                       &data);
        if (outcome != OUTCOME_OK)
                return outcome;
        msix_entry_set(claim->table, (unsigned)vector, message_address, (uint32_t)data);
        msix_enable(claim->space, claim->address, &claim->msix, true);
        return OUTCOME_OK;
}

/* The firmware has written the input of the I/O APIC into the Interrupt Line register. */
static outcome_t line_interrupt(struct claim *claim, uint64_t vector, handle_t *interrupt)
{
        uint8_t line = pci_config_8(&claim->config, PCI_INTERRUPT_LINE);
        uint8_t pin = pci_config_8(&claim->config, PCI_INTERRUPT_PIN);
        uint64_t unused_address, unused_data;
        outcome_t outcome;
        if (vector != 0 || pin == 0 || line == LINE_NONE || line == LINE_UNKNOWN)
                return answered(REASON_NOT_FOUND);
        outcome = sys_interrupt_create(claim->hardware, line | INTERRUPT_LEVEL_LOW, interrupt,
                                       &unused_address, &unused_data);
        if (outcome == OUTCOME_OK)
                command_change(claim, PCI_COMMAND_INTX_DISABLE, 0);
        return outcome;
}

outcome_t claim_interrupt(struct claim *claim, uint64_t vector, handle_t *interrupt,
                          enum pci_kind *kind)
{
        bool message = claim->msix.capability != 0;
        outcome_t outcome;
        if (claim->interrupt_count == CLAIM_INTERRUPTS)
                return answered(REASON_NO_SPACE);
        outcome = message ? message_interrupt(claim, vector, interrupt)
                          : line_interrupt(claim, vector, interrupt);
        if (outcome != OUTCOME_OK)
                return outcome;
        claim->interrupts[claim->interrupt_count++] = *interrupt;
        *kind = message ? PCI_KIND_MESSAGE : PCI_KIND_LINE;
        return OUTCOME_OK;
}

outcome_t claim_dma(struct claim *claim, uint64_t bytes, handle_t *memory)
{
        uint64_t rounded = page_up(bytes);
        outcome_t outcome;
        if (bytes == 0 || bytes > PCI_DMA_BYTES_MAX)
                return answered(REASON_INVALID);
        if (claim->dma_count == PCI_DMA_OBJECTS || claim->dma_bytes + rounded > PCI_DMA_BYTES_MAX)
                return answered(REASON_NO_SPACE);
        outcome = sys_memory_create(0, rounded, MEMORY_DMA, claim->hardware, memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        claim->dma[claim->dma_count++] = *memory;
        claim->dma_bytes += rounded;
        return OUTCOME_OK;
}

void claim_master(struct claim *claim, bool on)
{
        command_change(claim, PCI_COMMAND_MASTER, on ? PCI_COMMAND_MASTER : 0);
}
