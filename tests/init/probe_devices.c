/* Devices: when the bus server dies they are silenced, and whoever has their rings keeps them. */
#include <stdio.h>
#include "drivers/bus/pci/config_access.h"
#include "drivers/bus/pci/functions.h"
#include "servers/proto/nic.h"
#include "servers/proto/proc.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/start/startup.h"
#include "tests/init/probe.h"

enum { PCI_COMMAND = 4, PCI_COMMAND_MASTER = 4 };

/* Configuration space beside the bus server's back, and the network device in it. */
static struct {
        struct config_access access;
        const struct config_space *space;
        struct pci_function network;
} devices;

static void network_note(void *context, const struct pci_function *function)
{
        (void)context;
        if (pci_function_is_network(function))
                devices.network = *function;
}

/* `pci-ecam=` is an argument of whoever has `device hardware`. False: there is no network device.
 * */
static bool devices_find(int count, char **arguments)
{
        uint64_t window = 0;
        for (int i = 1; i < count; i++)
                sscanf(arguments[i], "pci-ecam=%lx:", &window);
        devices.space = config_access_open(&devices.access, rt_handle("hardware"), window, 0, 0);
        if (!devices.space)
                return false;
        pci_functions_each(devices.space, network_note, NULL);
        return pci_function_is_network(&devices.network);
}

static bool masters(void)
{
        return (config_read(devices.space, devices.network.address, PCI_COMMAND, 2) &
                PCI_COMMAND_MASTER) != 0;
}

/* The first byte of the rings shared with the network driver; they stay mapped. */
static const volatile uint8_t *rings_map(handle_t nic)
{
        uint64_t wake_bits, buffers, mac, mtu, bytes = 0, physical;
        handle_t event, session, memory, wake;
        void *address;
        if (sys_event_create(&event) != OUTCOME_OK ||
            nic_attach(nic, RT_DEADLINE, send_cap(event, 0), 1, &session, &memory, &wake,
                       &wake_bits, &buffers, &mac, &mtu) != OUTCOME_OK ||
            sys_memory_info(memory, &bytes, &physical) != OUTCOME_OK ||
            rt_memory_map(memory, 0, bytes, MAP_READ, &address) != OUTCOME_OK)
                return NULL;
        sys_handle_close(memory);
        return address;
}

/* The bus server and the driver behind it restart. */
static bool bus_begins_anew(handle_t control)
{
        struct process process;
        return proc_start(control, RT_DEADLINE, "bus", 3) == OUTCOME_OK &&
               process_reaches("bus", PROCESS_RUNNING, &process) &&
               (proc_start(control, RT_DEADLINE, "nic", 3), must_find("nic")) != 0;
}

static bool bus_often(handle_t control, unsigned times)
{
        for (unsigned i = 0; i < times; i++)
                if (proc_kill(control, RT_DEADLINE, "bus", 3) != OUTCOME_OK ||
                    !bus_begins_anew(control))
                        return false;
        return true;
}

void check_fence(int count, char **arguments)
{
        bool found = devices_find(count, arguments);
        handle_t control = must_find("control");
        const volatile uint8_t *rings = rings_map(must_find("nic"));
        struct process process;
        check("a driver's device masters the bus", found && masters());
        check("its rings are mapped", rings);
        check("kill the bus server", proc_kill(control, RT_DEADLINE, "bus", 3) == OUTCOME_OK);
        check("it is not started again",
              process_find("bus", &process) && process.state == PROCESS_ENDED);
        check("the device does not master the bus any more", found && !masters());
        (void)*rings; /* a fault if they are gone */
        check("the driver's client still has its rings", true);
        check("the bus server and its driver come back",
              bus_begins_anew(control) && found && masters());
        check("they come back twenty times, with their memory", bus_often(control, 20));
}
