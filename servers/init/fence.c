/* See fence.h. The bus server's account pays for all DMA memory. When it is destroyed, that memory
 * belongs to whoever asks next, so the devices have to be silent before: the server itself sees to it
 * when a driver goes, and init when the server does. It uses the server's own code for that. */
#include "servers/init/fence.h"

#include "drivers/bus/pci/config_access.h"
#include "drivers/bus/pci/stop.h"
#include "servers/rt/log.h"

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
