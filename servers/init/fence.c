/* The bus server's account pays for all DMA memory. When it is destroyed, that memory belongs to
 * whoever asks next, so the devices have to be silent before: the server itself sees to it when a
 * driver goes, and init when the server does. This much of PCI, and no more, is in init: the
 * command register of each function (PCI Local Bus 3.0, section 6.2.2), in the memory-mapped
 * configuration space (PCI Express Base 3.0, section 7.2.2), and the way from bus to bus through
 * the bridges' secondary bus numbers. */
#include "servers/init/fence.h"

#include <stdbool.h>
#include <stddef.h>
#include "servers/rt/log.h"
#include "servers/rt/memory.h"

enum {
        BUSES = 256,
        BUS_BYTES = 1 << 20,
        FUNCTION_BYTES = 4096,
        BUS_FUNCTIONS = 256,
        NO_VENDOR = 0xffff,
        PCI_COMMAND = 0x04,
        PCI_COMMAND_MASTER = 1 << 2,
        PCI_HEADER_TYPE = 0x0e,
        PCI_HEADER_TYPE_MASK = 0x7f,
        PCI_HEADER_TYPE_NORMAL = 0,
        PCI_HEADER_TYPE_BRIDGE = 1,
        PCI_SECONDARY_BUS = 0x19, /* of a bridge */
};

struct walk {
        const struct bootinfo *info;
        bool found[BUSES];
        unsigned fenced;
};

/* Reading back makes sure that the device has seen it. */
static void master_clear(volatile uint8_t *function)
{
        volatile uint16_t *command = (volatile uint16_t *)(function + PCI_COMMAND);
        *command &= (uint16_t)~PCI_COMMAND_MASTER;
        (void)*command;
}

static void function_fence(struct walk *walk, volatile uint8_t *function)
{
        uint8_t header = function[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK;
        if (header == PCI_HEADER_TYPE_BRIDGE)
                walk->found[function[PCI_SECONDARY_BUS]] = true;
        if (header != PCI_HEADER_TYPE_NORMAL || (function[PCI_COMMAND] & PCI_COMMAND_MASTER) == 0)
                return;
        master_clear(function);
        walk->fenced++;
}

static outcome_t bus_fence(struct walk *walk, unsigned bus)
{
        uint64_t physical = walk->info->pci_ecam + (uint64_t)bus * BUS_BYTES;
        handle_t memory;
        void *address;
        outcome_t outcome = sys_device_memory(walk->info->hardware, physical, BUS_BYTES, &memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = rt_memory_map(memory, 0, BUS_BYTES, MAP_READ | MAP_WRITE, &address);
        sys_handle_close(memory);
        if (outcome != OUTCOME_OK)
                return outcome;
        for (unsigned i = 0; i < BUS_FUNCTIONS; i++) {
                volatile uint8_t *function = (volatile uint8_t *)address + i * FUNCTION_BYTES;
                if (*(volatile uint16_t *)function != NO_VENDOR)
                        function_fence(walk, function);
        }
        rt_memory_free(address, BUS_BYTES);
        return OUTCOME_OK;
}

void fence_devices(const struct bootinfo *info)
{
        struct walk walk = {.info = info};
        bool again = info->pci_ecam != 0, done[BUSES] = {false};
        walk.found[info->pci_bus_first % BUSES] = true;
        while (again) {
                again = false;
                for (unsigned bus = info->pci_bus_first; bus < BUSES && bus <= info->pci_bus_last;
                     bus++) {
                        if (!walk.found[bus] || done[bus])
                                continue;
                        outcome_t outcome = bus_fence(&walk, bus);

                        done[bus] = again = true;
                        if (outcome != OUTCOME_OK)
                                rt_log("bus %u is not fenced: %s", bus,
                                       reason_text(outcome_reason(outcome)));
                }
        }
        if (walk.fenced != 0)
                rt_log("%u devices fenced: their bus server is gone", walk.fenced);
}
