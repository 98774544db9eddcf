/* The two halves of the emergency console. Both poll, and never wait beyond a bounded loop. */
#ifndef X86_CONSOLE_H
#define X86_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* COM1, 115200 8N1 (16550 data sheet). Without such a device, writes do nothing. */
void serial_start(void);
void serial_write(const char *text, size_t bytes);

/* The colour text screen of 80 x 25, where the firmware left it. */
void screen_write(const char *text, size_t bytes);
/* An empty screen, for a panic. */
void screen_clear(void);

#endif
