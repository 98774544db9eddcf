/* Access to configuration space, as a table of functions so that everything that reads and writes
 * it can be tested against devices that exist only in a test. config_access.h opens the
 * machine's. */
#ifndef DRIVERS_BUS_PCI_CONFIG_SPACE_H
#define DRIVERS_BUS_PCI_CONFIG_SPACE_H

#include <stdint.h>
#include "drivers/lib/pci_config.h"

struct config_space {
        /* Width 1, 2 or 4 bytes, offset a multiple of it, below 256. What is not there reads as all
         * ones. address: bus << 8 | device << 3 | function. */
        uint32_t (*read)(void *context, uint16_t address, unsigned offset, unsigned width);
        void (*write)(void *context, uint16_t address, unsigned offset, unsigned width,
                      uint32_t value);
        /* Lets so many ns pass. */
        void (*pause)(void *context, uint64_t duration);
        void *context;
        unsigned bus_first, bus_last;
};

static inline uint32_t config_read(const struct config_space *space, uint16_t address,
                                   unsigned offset, unsigned width)
{
        return space->read(space->context, address, offset, width);
}

static inline void config_write(const struct config_space *space, uint16_t address, unsigned offset,
                                unsigned width, uint32_t value)
{
        space->write(space->context, address, offset, width, value);
}

/* Copies the first 256 bytes. */
static inline void config_copy(const struct config_space *space, uint16_t address,
                               struct pci_config *copy)
{
        for (unsigned i = 0; i < PCI_CONFIG_BYTES; i += 4) {
                uint32_t value = config_read(space, address, i, 4);
                __builtin_memcpy(copy->bytes + i, &value, sizeof value);
        }
}

#endif
