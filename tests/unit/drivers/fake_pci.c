/* Configuration space of functions that are bytes in memory (fake_pci.h). */
#include <string.h>
#include <linux/pci_regs.h>
#include "tests/unit/drivers/fake_pci.h"

static struct fake_function *function_at(struct fake_bus *bus, uint16_t address)
{
        for (unsigned i = 0; i < bus->count; i++)
                if (bus->functions[i].address == address)
                        return &bus->functions[i];
        return NULL;
}

static uint32_t fake_read(void *context, uint16_t address, unsigned offset, unsigned width)
{
        struct fake_function *function = function_at(context, address);
        return function ? fake_get(function, offset, width) : UINT32_MAX >> (32 - 8 * width);
}

static void fake_reset(struct fake_function *function)
{
        function->resets++;
        fake_set(function, PCI_COMMAND, 2, 0);
        for (unsigned i = PCI_BASE_ADDRESS_0; i <= PCI_BASE_ADDRESS_5; i += 4)
                fake_set(function, i, 4, fake_get(function, i, 4) & 0xf);
}

static void fake_write(void *context, uint16_t address, unsigned offset, unsigned width,
                       uint32_t value)
{
        struct fake_bus *bus = context;
        struct fake_function *function = function_at(bus, address);
        if (!function)
                return;
        if (offset >= PCI_BASE_ADDRESS_0 && offset <= PCI_BASE_ADDRESS_5 &&
            (fake_get(function, PCI_COMMAND, 2) & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY)) != 0)
                bus->sized_while_decoding++;
        if (function->flr_control != 0 && offset == function->flr_control &&
            (value & PCI_EXP_DEVCTL_BCR_FLR) != 0) {
                fake_reset(function);
                return;
        }
        for (unsigned i = 0; i < width; i++) {
                uint8_t mask = function->writable[offset + i];
                uint8_t *byte = &function->bytes[offset + i];
                *byte = (uint8_t)((*byte & ~mask) | (value >> 8 * i & mask));
        }
}

static void fake_pause(void *context, uint64_t duration)
{
        ((struct fake_bus *)context)->paused += duration;
}

void fake_bus_init(struct fake_bus *bus)
{
        memset(bus, 0, sizeof *bus);
        bus->space = (struct config_space){
            .read = fake_read,
            .write = fake_write,
            .pause = fake_pause,
            .context = bus,
            .bus_first = 0,
            .bus_last = 255,
        };
}

void fake_set(struct fake_function *function, unsigned offset, unsigned width, uint64_t value)
{
        memcpy(function->bytes + offset, &value, width);
}

uint32_t fake_get(const struct fake_function *function, unsigned offset, unsigned width)
{
        uint32_t value = 0;
        memcpy(&value, function->bytes + offset, width);
        return value;
}

struct fake_function *fake_function_add(struct fake_bus *bus, uint16_t address, uint16_t vendor,
                                        uint16_t device, uint32_t class)
{
        struct fake_function *function = &bus->functions[bus->count++];
        function->address = address;
        fake_set(function, PCI_VENDOR_ID, 2, vendor);
        fake_set(function, PCI_DEVICE_ID, 2, device);
        fake_set(function, PCI_CLASS_REVISION, 4, class << 8);
        fake_set(function, PCI_COMMAND, 2,
                 PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        memset(function->writable + PCI_COMMAND, 0xff, 2);
        return function;
}

void fake_bar(struct fake_function *function, unsigned index, uint64_t base, uint64_t bytes,
              int wide)
{
        unsigned offset = PCI_BASE_ADDRESS_0 + 4 * index, width = wide ? 8 : 4;
        uint64_t mask = ~(bytes - 1);
        fake_set(function, offset, width, base | (wide ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0));
        memcpy(function->writable + offset, &mask, width);
}
