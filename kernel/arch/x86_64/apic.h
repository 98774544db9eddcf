/* The local APIC (SDM volume 3, chapter 11): acknowledges interrupts and provides the timer. */
#ifndef X86_APIC_H
#define X86_APIC_H

#include "kernel/arch/arch.h"

/* Maps and enables it, masks the old PIC. Panics if the processor has none at that address. */
void apic_start(paddr_t address);

void apic_acknowledge(void);

/* The processor that interrupts are sent to: this one. */
uint32_t apic_id(void);

/* The timer counts down from `ticks` at its own speed, which clock.c measures; 0 stops it. */
void apic_timer_set(uint32_t ticks);
uint32_t apic_timer_left(void);

#endif
