/* The walk over buses and functions (functions.h). No bus is queued twice, so it ends whatever the
 * bridges say. */
#include <linux/pci_regs.h>
#include "drivers/bus/pci/functions.h"

enum { BUSES = 256, DEVICES = 32, FUNCTIONS = 8, MULTIFUNCTION = 0x80, NO_VENDOR = 0xffff };

enum { CLASS_SHIFT = 16, CLASS_NETWORK = 0x02, CLASS_BRIDGE = 0x06 };

struct walk {
        const struct config_space *space;
        void (*each)(void *context, const struct pci_function *function);
        void *context;
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

/* Visits a function if it is there; returns its header type register, or 0. */
static uint8_t function_visit(struct walk *walk, uint16_t address)
{
        const struct config_space *space = walk->space;
        struct pci_function function = {.address = address};
        uint8_t type;
        function.vendor = (uint16_t)config_read(space, address, PCI_VENDOR_ID, 2);
        if (function.vendor == NO_VENDOR)
                return 0;
        type = (uint8_t)config_read(space, address, PCI_HEADER_TYPE, 1);
        function.device = (uint16_t)config_read(space, address, PCI_DEVICE_ID, 2);
        function.class = config_read(space, address, PCI_CLASS_REVISION, 4) >> 8;
        function.header = type & PCI_HEADER_TYPE_MASK;
        walk->each(walk->context, &function);
        if (function.header == PCI_HEADER_TYPE_BRIDGE)
                bus_add(walk, config_read(space, address, PCI_SECONDARY_BUS, 1));
        return type;
}

static void bus_walk(struct walk *walk, unsigned bus)
{
        for (unsigned device = 0; device < DEVICES; device++) {
                uint16_t address = (uint16_t)(bus << 8 | device << 3);
                if ((function_visit(walk, address) & MULTIFUNCTION) == 0)
                        continue;
                for (unsigned i = 1; i < FUNCTIONS; i++)
                        function_visit(walk, (uint16_t)(address | i));
        }
}

void pci_functions_each(const struct config_space *space,
                        void (*each)(void *context, const struct pci_function *function),
                        void *context)
{
        struct walk walk = {.space = space, .each = each, .context = context};
        bus_add(&walk, space->bus_first);
        for (unsigned i = 0; i < walk.queued; i++)
                bus_walk(&walk, walk.queue[i]);
}

struct found {
        struct pci_function *functions;
        unsigned count, most;
};

static void function_note(void *context, const struct pci_function *function)
{
        struct found *found = context;
        if (found->count < found->most)
                found->functions[found->count] = *function;
        found->count++;
}

unsigned pci_functions_find(const struct config_space *space, struct pci_function *functions,
                            unsigned most)
{
        struct found found = {functions, 0, most};
        pci_functions_each(space, function_note, &found);
        return found.count;
}

bool pci_function_is_endpoint(const struct pci_function *function)
{
        return function->header == PCI_HEADER_TYPE_NORMAL &&
               function->class >> CLASS_SHIFT != CLASS_BRIDGE;
}

bool pci_function_is_network(const struct pci_function *function)
{
        return function->class >> CLASS_SHIFT == CLASS_NETWORK;
}
