/* Claims a device and maps its registers and DMA memory (pci_device.h). */
#include <string.h>
#include "drivers/lib/pci_device.h"
#include "servers/proto/pci.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"

outcome_t pci_device_claim(struct pci_device *device)
{
        uint64_t address, vendor, id;
        size_t length;
        outcome_t outcome;
        memset(device, 0, sizeof *device);
        outcome =
            pci_claim(rt_handle("pci"), RT_DEADLINE, &device->function, &address, &vendor, &id);
        if (outcome != OUTCOME_OK)
                return outcome;
        device->address = (uint16_t)address;
        device->vendor = (uint16_t)vendor;
        device->device = (uint16_t)id;
        return pci_config(device->function, RT_DEADLINE, device->config.bytes,
                          sizeof device->config.bytes, &length);
}

static volatile void *part_address(const struct pci_device *device, unsigned bar, uint64_t offset,
                                   uint64_t bytes)
{
        for (unsigned i = 0; i < device->part_count; i++) {
                const struct pci_device_part *part = &device->parts[i];
                if (part->bar == bar && offset >= part->offset && bytes <= part->bytes &&
                    offset - part->offset <= part->bytes - bytes)
                        return part->address + (offset - part->offset);
        }
        return NULL;
}

/* Maps all parts of a register that are not mapped yet. */
static void parts_map(struct pci_device *device, unsigned bar)
{
        for (unsigned i = 0; i < device->part_count; i++) {
                if (device->parts[i].bar == bar)
                        return;
        }
        for (uint64_t index = 0; device->part_count < PCI_DEVICE_PARTS; index++) {
                struct pci_device_part *part = &device->parts[device->part_count];
                handle_t memory;
                void *address;
                outcome_t outcome = pci_memory(device->function, RT_DEADLINE, bar, index, &memory,
                                               &part->offset, &part->bytes);
                if (outcome != OUTCOME_OK)
                        return;
                outcome = rt_memory_map(memory, 0, part->bytes, MAP_READ | MAP_WRITE, &address);
                sys_handle_close(memory);
                if (outcome != OUTCOME_OK)
                        return;
                part->bar = bar;
                part->address = address;
                device->part_count++;
        }
}

volatile void *pci_device_registers(struct pci_device *device, unsigned bar, uint64_t offset,
                                    uint64_t bytes)
{
        parts_map(device, bar);
        return part_address(device, bar, offset, bytes);
}

outcome_t pci_device_dma(struct pci_device *device, uint64_t bytes, struct dma_memory *dma)
{
        outcome_t outcome;
        dma->bytes = page_up(bytes);
        outcome = pci_dma(device->function, RT_DEADLINE, dma->bytes, &dma->memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_memory_info(dma->memory, &dma->bytes, &dma->physical);
        if (outcome != OUTCOME_OK)
                return outcome;
        return rt_memory_map(dma->memory, 0, dma->bytes, MAP_READ | MAP_WRITE, &dma->address);
}

outcome_t pci_device_interrupt(struct pci_device *device, unsigned vector, handle_t event,
                               uint64_t bits, handle_t *line)
{
        handle_t interrupt;
        uint64_t kind;
        outcome_t outcome = pci_interrupt(device->function, RT_DEADLINE, vector, &interrupt, &kind);
        *line = 0;
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_interrupt_bind(interrupt, event, bits);
        if (outcome == OUTCOME_OK && kind == PCI_KIND_LINE)
                *line = interrupt;
        return outcome;
}

outcome_t pci_device_master(struct pci_device *device, bool on)
{
        return pci_master(device->function, RT_DEADLINE, on);
}
