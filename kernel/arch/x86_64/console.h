/* The two halves of the console; arch.h has the whole. */
#ifndef X86_CONSOLE_H
#define X86_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the serial line and clears the screen. */
void console_start(void);

/* COM1, 115200 8N1 (16550 data sheet). Takes what its FIFO has room for, and returns how many
 * bytes; all of them without such a device. */
void serial_start(void);
size_t serial_write(const char *text, size_t bytes);

/* The colour text screen of 80 x 25, where the firmware left it. */
void screen_write(const char *text, size_t bytes);
/* An empty screen, for a panic. */
void screen_clear(void);

#endif
