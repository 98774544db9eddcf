/* The machine as a whole: its ports, its power, its console. */
#ifndef X86_MACHINE_H
#define X86_MACHINE_H

#include "kernel/arch/x86_64/acpi.h"

/* Remembers what power control and reserved ports need. */
void machine_start(const struct acpi *acpi);

/* Finds the serial line and clears the screen. */
void console_start(void);

#endif
