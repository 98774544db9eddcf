/* See functions.h. */
#include <stdbool.h>
#include <linux/pci_regs.h>
#include "drivers/bus/pci/functions.h"

enum { BUSES = 256, DEVICES = 32, FUNCTIONS = 8, MULTIFUNCTION = 0x80, NO_VENDOR = 0xffff };

struct walk {
        const struct config_space *space;
        struct pci_function *functions;
        unsigned count, most;
        bool known[BUSES];
        uint8_t queue[BUSES];
        unsigned queued;
};

static void bus_add(struct walk *walk, unsigned bus)
{
        if (bus < walk->space->bus_first || bus > walk->space->bus_last || bus >= BUSES ||
            walk->known[bus])
                return;
        walk->known[bus] = true;
        walk->queue[walk->queued++] = (uint8_t)bus;
}

/* Notes a function if it is there; returns its header type register, or 0. */
static uint8_t function_note(struct walk *walk, uint16_t address)
{
        const struct config_space *space = walk->space;
        struct pci_function function = {.address = address};
        uint8_t type;
        function.vendor = (uint16_t)config_read(space, address, PCI_VENDOR_ID, 2);
        if (function.vendor == NO_VENDOR || walk->count == walk->most)
                return 0;
        type = (uint8_t)config_read(space, address, PCI_HEADER_TYPE, 1);
        function.device = (uint16_t)config_read(space, address, PCI_DEVICE_ID, 2);
        function.class = config_read(space, address, PCI_CLASS_REVISION, 4) >> 8;
        function.header = type & PCI_HEADER_TYPE_MASK;
        walk->functions[walk->count++] = function;
        if (function.header == PCI_HEADER_TYPE_BRIDGE)
                bus_add(walk, config_read(space, address, PCI_SECONDARY_BUS, 1));
        return type;
}

static void bus_walk(struct walk *walk, unsigned bus)
{
        for (unsigned device = 0; device < DEVICES; device++) {
                uint16_t address = (uint16_t)(bus << 8 | device << 3);
                if ((function_note(walk, address) & MULTIFUNCTION) == 0)
                        continue;
                for (unsigned i = 1; i < FUNCTIONS; i++)
                        function_note(walk, (uint16_t)(address | i));
        }
}

unsigned pci_functions_find(const struct config_space *space, struct pci_function *functions,
                            unsigned most)
{
        struct walk walk = {.space = space, .functions = functions, .most = most};
        bus_add(&walk, space->bus_first);
        for (unsigned i = 0; i < walk.queued; i++)
                bus_walk(&walk, walk.queue[i]);
        return walk.count;
}
