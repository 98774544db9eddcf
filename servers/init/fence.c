/* See fence.h. The bus server's account pays for all DMA memory. Once it is destroyed, that memory
 * may be anybody's, so the devices must be silent by then: the server sees to that when a driver
 * ends, and init when the server does, with the server's own code. */
#include "servers/init/fence.h"

#include "drivers/bus/pci/config_access.h"
#include "drivers/bus/pci/stop.h"
#include "servers/rt/task/log.h"

void fence_devices(const struct bootinfo *info)
{
        static struct config_access access;
        const struct config_space *space = config_access_open(
            &access, info->hardware, info->pci_ecam, info->pci_bus_first, info->pci_bus_last);
        unsigned count = space ? functions_silence(space) : 0;
        config_access_close(&access);
        if (count != 0)
                rt_log("%u devices fenced: their bus server is gone", count);
}
