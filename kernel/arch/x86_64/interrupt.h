/* Interrupt lines: I/O APIC inputs and message-signalled interrupts under one number (arch.h). */
#ifndef X86_INTERRUPT_H
#define X86_INTERRUPT_H

/* Maps the I/O APICs and masks all their inputs. After apic_start. */
void interrupt_start(void);

/* Called by the trap code. */
void interrupt_line_fired(unsigned line);

#endif
