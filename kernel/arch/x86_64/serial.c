/* The first serial line, without interrupts: its FIFO is filled when it is empty, and who has more
 * comes again. Nothing here waits, but for console_wait(), which is for a panic. */
#include "kernel/arch/x86_64/console.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/arch.h"

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
        FIFO_WORKS = 0xc0, /* of the interrupt identification, at the same address */
        FIFO_BYTES = 16,
        MODEM_READY = 0x03,
        STATUS_EMPTY = 0x20,
        /* A FIFO of characters takes 1.4 ms. */
        SPINS_MAX = 100000,
};

static struct {
        bool present, returned; /* returned: of a line's end the carriage return has gone */
        unsigned depth;         /* of the FIFO: characters that it takes when it is empty */
} serial;

void serial_start(void)
{
        out8(SCRATCH, 0x5a);
        serial.present = in8(SCRATCH) == 0x5a;
        if (!serial.present)
                return;
        out8(INTERRUPTS, 0);
        out8(LINE_CONTROL, LINE_DIVISOR);
        out8(DATA, 1);
        out8(INTERRUPTS, 0);
        out8(LINE_CONTROL, LINE_8N1);
        out8(FIFO_CONTROL, FIFO_ON);
        out8(MODEM_CONTROL, MODEM_READY);
        serial.depth = (in8(FIFO_CONTROL) & FIFO_WORKS) == FIFO_WORKS ? FIFO_BYTES : 1;
}

/* Writes a character, of `room` that the FIFO still takes. */
static bool serial_put(char c, unsigned *room)
{
        if (!*room && in8(LINE_STATUS) & STATUS_EMPTY)
                *room = serial.depth;
        if (!*room)
                return false;
        --*room;
        out8(DATA, (uint8_t)c);
        return true;
}

size_t serial_write(const char *text, size_t bytes)
{
        size_t done = 0;
        unsigned room = 0;
        for (; serial.present && done < bytes; done++) {
                if (text[done] == '\n' && !serial.returned)
                        serial.returned = serial_put('\r', &room);
                if ((text[done] == '\n' && !serial.returned) || !serial_put(text[done], &room))
                        return done;
                serial.returned = false;
        }
        return bytes;
}

bool console_wait(void)
{
        for (unsigned i = 0; i < SPINS_MAX; i++) {
                if (in8(LINE_STATUS) & STATUS_EMPTY)
                        return true;
                __asm__ volatile("pause");
        }
        return false;
}
