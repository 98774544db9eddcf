/* The first serial line, polled. A line that does not take its characters must not stop the kernel.
 */
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/x86_64/instructions.h"

enum {
        COM1 = 0x3f8,
        DATA = COM1,
        INTERRUPTS = COM1 + 1,
        FIFO_CONTROL = COM1 + 2,
        LINE_CONTROL = COM1 + 3,
        MODEM_CONTROL = COM1 + 4,
        LINE_STATUS = COM1 + 5,
        SCRATCH = COM1 + 7,

        LINE_8N1 = 0x03,
        LINE_DIVISOR = 0x80,
        FIFO_ON = 0x07,
        MODEM_READY = 0x03,
        STATUS_EMPTY = 0x20,
        /* A character takes 87 us. */
        SPINS_MAX = 100000,
};

static bool serial_present;

void serial_start(void)
{
        out8(SCRATCH, 0x5a);
        serial_present = in8(SCRATCH) == 0x5a;
        if (!serial_present)
                return;
        out8(INTERRUPTS, 0);
        out8(LINE_CONTROL, LINE_DIVISOR);
        out8(DATA, 1);
        out8(INTERRUPTS, 0);
        out8(LINE_CONTROL, LINE_8N1);
        out8(FIFO_CONTROL, FIFO_ON);
        out8(MODEM_CONTROL, MODEM_READY);
}

static void serial_put(char c)
{
        for (unsigned i = 0; i < SPINS_MAX && !(in8(LINE_STATUS) & STATUS_EMPTY); i++)
                __asm__ volatile("pause");
        out8(DATA, (uint8_t)c);
}

void serial_write(const char *text, size_t bytes)
{
        if (!serial_present)
                return;
        for (size_t i = 0; i < bytes; i++) {
                if (text[i] == '\n')
                        serial_put('\r');
                serial_put(text[i]);
        }
}
