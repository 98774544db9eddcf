/* An ns16550A: registers as National's data sheet PC16550D (section 8) has them. Pure: registers
 * are reached through two functions.
 *
 *      line ──> receiver FIFO ──uart_serve──> input queue
 *      line <── transmitter FIFO <──uart_serve── output queue
 *
 * The interrupt line is edge-triggered on a PC: an edge comes only when the chip had nothing to
 * report before. So uart_serve goes on until the chip reports nothing, and interrupts are unmasked
 * before it is called, not after.
 *
 * Nothing is lost without a word. Bytes for which there is no room, or that the chip says were
 * overrun or garbled, are counted in `lost`; while that is not 0, all that follow are lost too, so
 * that there is one gap at a time, and it is behind what `input` has. Who takes the input sets
 * `lost` to 0 when the reader knows of the gap. */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <stdbool.h>
#include "drivers/char/serial/queue.h"

enum uart_register {
        UART_DATA = 0, /* read: received; write: to transmit */
        UART_INTERRUPT_ENABLE = 1,
        UART_INTERRUPT_IDENTITY = 2, /* read */
        UART_FIFO_CONTROL = 2,       /* write */
        UART_LINE_CONTROL = 3,
        UART_MODEM_CONTROL = 4,
        UART_LINE_STATUS = 5,
        UART_MODEM_STATUS = 6,
        UART_SCRATCH = 7,
        UART_DIVISOR_LOW = 0, /* with LINE_DIVISOR */
        UART_DIVISOR_HIGH = 1,
};

enum {
        ENABLE_RECEIVED = 0x01,
        ENABLE_TRANSMITTED = 0x02,
        IDENTITY_NONE = 0x01, /* nothing is pending */
        IDENTITY_FIFOS = 0xc0,
        FIFO_ON = 0x01,
        FIFO_TRIGGER_14 = 0xc0,
        LINE_8N1 = 0x03,
        LINE_DIVISOR = 0x80,
        MODEM_READY = 0x03, /* DTR, RTS */
        MODEM_OUT2 = 0x08,  /* on a PC: lets the interrupt through */
        STATUS_RECEIVED = 0x01,
        STATUS_OVERRUN = 0x02, /* these four: bytes were lost or garbled; reading clears them */
        STATUS_PARITY = 0x04,
        STATUS_FRAMING = 0x08,
        STATUS_BREAK = 0x10,
        STATUS_TRANSMITTER_EMPTY = 0x20,
        UART_FIFO_BYTES = 16,
        UART_DIVISOR_115200 = 1,
};

struct uart {
        uint8_t (*read)(void *context, unsigned reg);
        void (*write)(void *context, unsigned reg, uint8_t value);
        void *context;
        struct queue input, output;
        uint64_t lost;      /* bytes that were lost behind those of `input` */
        uint8_t interrupts; /* what is in UART_INTERRUPT_ENABLE */
};

/* Sets read, write and context before. Finds out whether there is a chip (false: none), then sets
 * it to 115200 8N1 with FIFOs and lets it interrupt for received bytes. */
bool uart_start(struct uart *uart);

/* Moves what can be moved, in a bounded number of steps. Returns how many bytes were received; sets
 * *interrupted if one of them was Ctrl-C (0x03). If the bound was reached, *more is set: to be
 * called again soon. */
size_t uart_serve(struct uart *uart, bool *interrupted, bool *more);

#endif
