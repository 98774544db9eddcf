/* The configuration space behind two I/O ports (PCI Local Bus Specification 3.0, section 3.2.2.3.2,
 * "configuration mechanism #1"), for machines whose firmware names no memory window (ecam.h): the
 * first 256 bytes of each function of segment 0.
 *
 *      0xcf8   address   enable | bus | device | function | register, a multiple of 4
 *      0xcfc   data      the register's four bytes, each also alone
 *
 * An access takes two port accesses with state in between, so one thread at a time may do it: the
 * bus server's, or init's while that server does not run. */
#ifndef DRIVERS_BUS_PCI_CONFIG_PORTS_H
#define DRIVERS_BUS_PCI_CONFIG_PORTS_H

#include <stdbool.h>
#include "drivers/bus/pci/config_space.h"
#include "kernel/abi/rights.h"

struct config_ports {
        handle_t address, data; /* I/O ports; 0: not open */
        struct config_space space;
};

/* What the address port takes to select the register of a function. offset: below 256. */
static inline uint32_t config_ports_select(uint16_t address, unsigned offset)
{
        return 1u << 31 | (uint32_t)address << 8 | (offset & 0xfc);
}

/* Takes the ports and sets up ports->space over all buses. False: the machine does not have the
 * mechanism (no PCI at all), or the caller may not have the ports. */
bool config_ports_open(struct config_ports *ports, handle_t hardware);
void config_ports_close(struct config_ports *ports);

#endif
