/* Opens the way to configuration space that this machine has (config_access.h). */
#include <string.h>
#include "drivers/bus/pci/config_access.h"

const struct config_space *config_access_open(struct config_access *access, handle_t hardware,
                                              uint64_t window, unsigned bus_first,
                                              unsigned bus_last)
{
        memset(access, 0, sizeof *access);
        if (window != 0) {
                ecam_init(&access->ecam, hardware, window, bus_first, bus_last);
                return &access->ecam.space;
        }
        return config_ports_open(&access->ports, hardware) ? &access->ports.space : NULL;
}

void config_access_close(struct config_access *access)
{
        ecam_close(&access->ecam);
        config_ports_close(&access->ports);
}
