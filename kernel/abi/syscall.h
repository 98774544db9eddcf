/* System call numbers and constants. */
#ifndef ABI_SYSCALL_H
#define ABI_SYSCALL_H

#include <stdint.h>
#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

enum { SYSCALL_BASE = 0x1000 };

enum syscall_number {
#define MESSAGE_CALL(number, name, ...) SYSCALL_##name = SYSCALL_BASE + (number),
#define SYSCALL(number, name, ...)      SYSCALL_##name = SYSCALL_BASE + (number),
#include "kernel/abi/syscalls.def"
#undef MESSAGE_CALL
#undef SYSCALL
        SYSCALL_END = SYSCALL_BASE + 96,
};

/* interrupt_create's line for a message-signalled interrupt; else an I/O APIC input number, with
 * INTERRUPT_LEVEL_LOW ORed in where the device drives PCI INTx (level, active low). */
#define INTERRUPT_MSI       0xffffffffull
#define INTERRUPT_LEVEL_LOW 0x100000000ull

enum machine_operation {
        MACHINE_POWER_OFF = 1,
        MACHINE_REBOOT = 2,
        MACHINE_EXIT = 3,    /* argument: status for QEMU's isa-debug-exit; else powers off */
        MACHINE_CONSOLE = 4, /* argument 0: leaves the console to a driver, except in a panic */
};

#endif
