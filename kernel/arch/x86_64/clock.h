/* Time is read from the TSC and waited for with the local APIC's timer. Both are measured at the
 * start by a clock of known speed: the HPET or the ACPI timer, the first that runs. */
#ifndef X86_CLOCK_H
#define X86_CLOCK_H

#include "kernel/abi/clock.h"

/* Measures, and starts time at 0: from then on clock_now() and timer_arm() work. Returns the TSC's
 * speed in Hz. Panics if no clock runs. Needs apic_start(). */
uint64_t clock_start(void);

/* What clock_now() reckons by; programs read it, too. */
extern struct clock_page clock_page;

/* Called by the trap code: acknowledges, and calls kernel_timer() if its time has come. */
void clock_timer_fired(void);

#endif
