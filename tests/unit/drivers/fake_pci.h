/* A PCI bus that exists only in a test: functions with 256 bytes of configuration space, some of
 * whose bits can be written. */
#ifndef TESTS_UNIT_DRIVERS_FAKE_PCI_H
#define TESTS_UNIT_DRIVERS_FAKE_PCI_H

#include "drivers/bus/pci/config_space.h"

enum { FAKE_FUNCTIONS_MAX = 300 };

struct fake_function {
        uint16_t address;
        uint8_t bytes[PCI_CONFIG_BYTES];
        uint8_t writable[PCI_CONFIG_BYTES];
        unsigned flr_control; /* offset of the register whose FLR bit resets it; 0: none */
        unsigned resets;
};

struct fake_bus {
        struct config_space space;
        struct fake_function functions[FAKE_FUNCTIONS_MAX];
        unsigned count;
        unsigned sized_while_decoding; /* address registers written while the device decoded */
        uint64_t paused;               /* ns */
};

void fake_bus_init(struct fake_bus *bus);

/* Adds a type 0 function whose command register can be written. */
struct fake_function *fake_function_add(struct fake_bus *bus, uint16_t address, uint16_t vendor,
                                        uint16_t device, uint32_t class);

void fake_set(struct fake_function *function, unsigned offset, unsigned width, uint64_t value);
uint32_t fake_get(const struct fake_function *function, unsigned offset, unsigned width);

/* A memory register of `bytes` (a power of two) at `base`; 64 bits wide if wide. */
void fake_bar(struct fake_function *function, unsigned index, uint64_t base, uint64_t bytes,
              int wide);

#endif
