/* Configuration spaces of arbitrary bytes: everything that the bus server does with a device ends,
 * and stays within its bounds. Reads return bytes of the input, writes change what is read next. */
#include <stdlib.h>
#include <string.h>
#include "drivers/bus/pci/bars.h"
#include "drivers/bus/pci/match.h"
#include "drivers/bus/pci/msix.h"
#include "drivers/bus/pci/stop.h"
#include "drivers/lib/virtio_caps.h"
#include "kernel/abi/memory.h"

enum { SPACES = 8 };

static uint8_t spaces[SPACES][PCI_CONFIG_BYTES];

static void check(bool holds)
{
        if (!holds)
                abort();
}

static uint32_t fuzz_read(void *context, uint16_t address, unsigned offset, unsigned width)
{
        uint32_t value = 0;
        (void)context;
        check(offset + width <= PCI_CONFIG_BYTES && offset % width == 0);
        memcpy(&value, spaces[address % SPACES] + offset, width);
        return value;
}

static void fuzz_write(void *context, uint16_t address, unsigned offset, unsigned width,
                       uint32_t value)
{
        uint8_t *bytes = spaces[address % SPACES] + offset;
        (void)context;
        check(offset + width <= PCI_CONFIG_BYTES && offset % width == 0);
        for (unsigned i = 0; i < width; i++)
                bytes[i] ^= (uint8_t)(value >> 8 * i) & (uint8_t)(0xf0 | i);
}

static void fuzz_pause(void *context, uint64_t duration)
{
        (void)context;
        (void)duration;
}

static void device_try(const struct config_space *space, uint16_t address)
{
        struct pci_bar bars[PCI_BARS];
        struct pci_config config;
        struct pci_range range;
        struct msix msix;
        config_copy(space, address, &config);
        pci_bars_read(space, address, bars);
        msix = msix_find(&config, bars);
        for (unsigned i = 0; i < PCI_BARS; i++) {
                struct pci_range hole = {0, 0};
                if (msix.capability != 0 && msix.bar == i)
                        hole = msix.table;
                for (unsigned part = 0; pci_bar_part(&bars[i], hole, part, &range); part++) {
                        check(part < 2 && range.bytes > 0 && range.offset % PAGE_SIZE == 0);
                        check(range.offset + range.bytes <= bars[i].bytes);
                        check(hole.bytes == 0 || range.offset >= hole.offset + hole.bytes ||
                              range.offset + range.bytes <= hole.offset);
                }
        }
        if (msix.capability != 0)
                msix_enable(space, address, &msix, true);
        function_stop(space, address);
        function_reset(space, address);
}

static bool none_taken(unsigned index)
{
        (void)index;
        return false;
}

static void functions_try(const struct config_space *space)
{
        struct pci_function functions[PCI_FUNCTIONS_MAX];
        struct machine_functions machine = {functions, 0, CARD_ANY};
        char text[128];
        unsigned count = pci_functions_find(space, functions, PCI_FUNCTIONS_MAX);
        machine.count = count < PCI_FUNCTIONS_MAX ? count : PCI_FUNCTIONS_MAX;
        cards_describe(&machine, none_taken, text, sizeof text);
        check(strlen(text) < sizeof text);
        functions_stop_all(space);
        functions_silence(space);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct config_space space = {fuzz_read, fuzz_write, fuzz_pause, NULL, 0, 3};
        unsigned id;
        memset(spaces, 0xff, sizeof spaces);
        memcpy(spaces, data, size < sizeof spaces ? size : sizeof spaces);
        functions_try(&space);
        id = size > 0 ? data[0] : 0;
        for (unsigned i = 0; i < SPACES; i++) {
                struct pci_config config;
                struct virtio_place place;
                unsigned found = 0, walked = 0;
                memcpy(config.bytes, spaces[i], sizeof config.bytes);
                while ((found = pci_capability_find(&config, (uint8_t)id, found)) != 0)
                        check(++walked <= PCI_CONFIG_BYTES / 4);
                if (virtio_place_find(&config, (uint8_t)id, id, &place))
                        check(place.bar < PCI_BARS && place.bytes >= id);
                device_try(&space, (uint16_t)i);
        }
        return 0;
}
