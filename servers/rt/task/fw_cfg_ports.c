/* The device behind its I/O ports; see fw_cfg_ports.h. */
#include "servers/rt/task/fw_cfg_ports.h"

#include "servers/rt/message/syscall.h"

static void ports_select(void *context, uint16_t key)
{
        sys_ioport_write(*(const handle_t *)context, 0, 2, key);
}

/* A right to other ports reads as a device that is not there. */
static uint8_t ports_next(void *context)
{
        uint64_t value = 0;
        sys_ioport_read(*(const handle_t *)context, 1, 1, &value);
        return (uint8_t)value;
}

outcome_t fw_cfg_read_ports(handle_t ports, const char *name, void *to, size_t room, size_t *length)
{
        const struct fw_cfg device = {ports_select, ports_next, &ports};
        return fw_cfg_read(&device, name, to, room, length);
}
