/* How a chip's registers are reached on a PC: by I/O ports, which the manifest gives. */
#ifndef SERIAL_PORTS_H
#define SERIAL_PORTS_H

#include "drivers/char/serial/uart.h"
#include "kernel/abi/message.h"

/* The chip is behind *ports from now on, which stays where it is. A register that cannot be read is
 * 0xff, as on a bus where nothing answers. */
void uart_ports(struct uart *uart, handle_t *ports);

#endif
