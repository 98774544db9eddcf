/* Registers by I/O ports; see ports.h. */
#include "drivers/char/serial/ports.h"

#include "servers/rt/message/message.h"

static uint8_t port_read(void *context, unsigned reg)
{
        const handle_t *ports = context;
        uint64_t value = 0xff;
        sys_ioport_read(*ports, reg, 1, &value);
        return (uint8_t)value;
}

static void port_write(void *context, unsigned reg, uint8_t value)
{
        const handle_t *ports = context;
        sys_ioport_write(*ports, reg, 1, value);
}

void uart_ports(struct uart *uart, handle_t *ports)
{
        uart->read = port_read;
        uart->write = port_write;
        uart->context = ports;
}
