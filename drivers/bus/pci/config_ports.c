/* Configuration space by I/O ports (config_ports.h). Nothing may come between an access to the
 * address port and the one to the data port. */
#include <string.h>
#include "drivers/bus/pci/config_ports.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"

enum {
        ADDRESS_PORT = 0xcf8,
        DATA_PORT = 0xcfc,
        PORT_BYTES = 4,
        BUS_LAST = 255,
};

static uint32_t ports_read(void *context, uint16_t address, unsigned offset, unsigned width)
{
        const struct config_ports *ports = context;
        uint64_t value;
        if (sys_ioport_write(ports->address, 0, PORT_BYTES, config_ports_select(address, offset)) !=
                OUTCOME_OK ||
            sys_ioport_read(ports->data, offset % PORT_BYTES, width, &value) != OUTCOME_OK)
                return UINT32_MAX >> (32 - 8 * width);
        return (uint32_t)value;
}

static void ports_write(void *context, uint16_t address, unsigned offset, unsigned width,
                        uint32_t value)
{
        const struct config_ports *ports = context;
        if (sys_ioport_write(ports->address, 0, PORT_BYTES, config_ports_select(address, offset)) ==
            OUTCOME_OK)
                sys_ioport_write(ports->data, offset % PORT_BYTES, width, value);
}

static void ports_pause(void *context, uint64_t duration)
{
        (void)context;
        sys_sleep(rt_after(duration));
}

/* The address port keeps what it is told; a port that is not there reads as ones. */
static bool answers(const struct config_ports *ports)
{
        uint32_t told = config_ports_select(0, 0);
        uint64_t kept = 0;
        return sys_ioport_write(ports->address, 0, PORT_BYTES, told) == OUTCOME_OK &&
               sys_ioport_read(ports->address, 0, PORT_BYTES, &kept) == OUTCOME_OK && kept == told;
}

bool config_ports_open(struct config_ports *ports, handle_t hardware)
{
        memset(ports, 0, sizeof *ports);
        ports->space = (struct config_space){
            .read = ports_read,
            .write = ports_write,
            .pause = ports_pause,
            .context = ports,
            .bus_first = 0,
            .bus_last = BUS_LAST,
        };
        if (sys_ioport_create(hardware, ADDRESS_PORT, PORT_BYTES, &ports->address) == OUTCOME_OK &&
            sys_ioport_create(hardware, DATA_PORT, PORT_BYTES, &ports->data) == OUTCOME_OK &&
            answers(ports))
                return true;
        config_ports_close(ports);
        return false;
}

void config_ports_close(struct config_ports *ports)
{
        if (ports->address != 0)
                sys_handle_close(ports->address);
        if (ports->data != 0)
                sys_handle_close(ports->data);
        ports->address = ports->data = 0;
}
