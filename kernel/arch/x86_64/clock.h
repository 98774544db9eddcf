/* Time: the TSC gives it, the local APIC's timer waits for it, and a clock whose speed is known
 * (HPET, ACPI timer, PIT: the first there is) measures both at the start. */
#ifndef X86_CLOCK_H
#define X86_CLOCK_H

#include "kernel/arch/x86_64/acpi.h"

/* Measures; from then on clock_now and timer_arm work, and the time is 0. Returns the TSC's speed
 * in Hz. Panics if no clock runs. After apic_start. */
uint64_t clock_start(const struct acpi *acpi);

#endif
