/* The configuration space of this machine, by whichever way it has: the memory window that its
 * firmware names (ecam.h), else the two I/O ports (config_ports.h).
 *
 * Whoever has it commands every device: the bus server, and init for the moment in which that
 * server is dead (servers/init/fence.c). Both derive it from `hardware`, which nobody else is
 * given, and a manifest may not name these ports (cluster/system/manifest.c). One thread at a
 * time. */
#ifndef DRIVERS_BUS_PCI_CONFIG_ACCESS_H
#define DRIVERS_BUS_PCI_CONFIG_ACCESS_H

#include "drivers/bus/pci/config_ports.h"
#include "drivers/bus/pci/ecam.h"

struct config_access {
        struct ecam ecam;
        struct config_ports ports;
};

/* Opens it; `window` is where the firmware says that the window's bus 0 is, 0: nowhere. NULL: the
 * machine has neither. The space lives as long as `access`. */
const struct config_space *config_access_open(struct config_access *access, handle_t hardware,
                                              uint64_t window, unsigned bus_first,
                                              unsigned bus_last);

/* Gives back what was mapped and the ports. */
void config_access_close(struct config_access *access);

#endif
