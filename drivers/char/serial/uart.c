/* The ns16550A; see uart.h. Every loop over the chip is bounded, so that a broken one holds nobody
 * up. */
#include "drivers/char/serial/uart.h"

enum {
        CANCEL = 0x03,
        STATUS_ERRORS = STATUS_OVERRUN | STATUS_PARITY | STATUS_FRAMING | STATUS_BREAK,
        ROUNDS_MAX = 64,                  /* of uart_serve */
        RECEIVE_MAX = 4 * UART_FIFO_BYTES /* bytes a round: a chip that never runs dry is broken */
};

static uint8_t get(struct uart *uart, unsigned reg)
{
        return uart->read(uart->context, reg);
}

static void set(struct uart *uart, unsigned reg, uint8_t value)
{
        uart->write(uart->context, reg, value);
}

static void set_interrupts(struct uart *uart, uint8_t interrupts)
{
        if (uart->interrupts != interrupts)
                set(uart, UART_INTERRUPT_ENABLE, interrupts);
        uart->interrupts = interrupts;
}

/* Without a chip all registers read as the same value. */
static bool chip_is_there(struct uart *uart)
{
        enum { PATTERN = 0x5a, OTHER = 0xa5 };
        set(uart, UART_SCRATCH, PATTERN);
        if (get(uart, UART_SCRATCH) != PATTERN)
                return false;
        set(uart, UART_SCRATCH, OTHER);
        return get(uart, UART_SCRATCH) == OTHER;
}

/* Reads the line status; nobody else may, as reading clears its errors. The chip does not say where
 * in the FIFO an error stands, so the gap begins before all of its bytes. */
static uint8_t line_status(struct uart *uart)
{
        uint8_t status = get(uart, UART_LINE_STATUS);
        uart->lost += (status & STATUS_ERRORS) != 0;
        return status;
}

static void input_take(struct uart *uart, uint8_t byte)
{
        if (uart->lost > 0 || queue_add(&uart->input, &byte, 1) == 0)
                uart->lost++;
}

static size_t receive(struct uart *uart, bool *interrupted)
{
        size_t count = 0;
        while (count < RECEIVE_MAX && (line_status(uart) & STATUS_RECEIVED)) {
                uint8_t byte = get(uart, UART_DATA);
                *interrupted = *interrupted || byte == CANCEL;
                input_take(uart, byte);
                count++;
        }
        return count;
}

/* Turning the FIFOs on clears them, and what the firmware left in the chip is no loss. After a
 * restart of the driver they are on, and what was received meanwhile is kept. */
static void fifos_on(struct uart *uart)
{
        bool unused = false;
        if ((get(uart, UART_INTERRUPT_IDENTITY) & IDENTITY_FIFOS) == IDENTITY_FIFOS)
                return;
        receive(uart, &unused);
        set(uart, UART_FIFO_CONTROL, FIFO_ON | FIFO_TRIGGER_14);
        uart->lost = 0;
}

bool uart_start(struct uart *uart)
{
        if (!chip_is_there(uart))
                return false;
        set(uart, UART_INTERRUPT_ENABLE, 0);
        set(uart, UART_LINE_CONTROL, LINE_DIVISOR | LINE_8N1);
        set(uart, UART_DIVISOR_LOW, UART_DIVISOR_115200);
        set(uart, UART_DIVISOR_HIGH, 0);
        set(uart, UART_LINE_CONTROL, LINE_8N1);
        fifos_on(uart);
        set(uart, UART_MODEM_CONTROL, MODEM_READY | MODEM_OUT2);
        uart->interrupts = 0;
        set_interrupts(uart, ENABLE_RECEIVED);
        return true;
}

/* Fills the transmitter's FIFO if it is empty: the chip does not say how full it is otherwise. */
static size_t transmit(struct uart *uart)
{
        uint8_t bytes[UART_FIFO_BYTES];
        if (queue_used(&uart->output) == 0)
                return 0;
        if (!(line_status(uart) & STATUS_TRANSMITTER_EMPTY))
                return 0;
        size_t count = queue_peek(&uart->output, bytes, sizeof bytes);
        for (size_t i = 0; i < count; i++)
                set(uart, UART_DATA, bytes[i]);
        queue_drop(&uart->output, count);
        return count;
}

size_t uart_serve(struct uart *uart, bool *interrupted, bool *more)
{
        size_t received = 0;
        *interrupted = *more = false;
        for (int round = 0; round < ROUNDS_MAX; round++) {
                size_t in = receive(uart, interrupted), out = transmit(uart);
                received += in;
                /* The transmitter interrupts when it is empty, as long as there is more to send. */
                set_interrupts(uart, queue_used(&uart->output) > 0
                                         ? ENABLE_RECEIVED | ENABLE_TRANSMITTED
                                         : ENABLE_RECEIVED);
                bool pending = !(get(uart, UART_INTERRUPT_IDENTITY) & IDENTITY_NONE);
                if (in == 0 && out == 0 && !pending)
                        return received;
        }
        *more = true;
        return received;
}
