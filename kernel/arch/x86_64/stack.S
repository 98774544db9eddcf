/* The kernel stack of the processor that boots, above a page that is not mapped: a stack that grows
 * too far faults. */
#include "kernel/arch/x86_64/layout.h"

.section .bss.stack, "aw", @nobits
.balign 4096
.global boot_stack_guard, boot_stack_top
boot_stack_guard:
        .skip 4096
        .skip KERNEL_STACK_BYTES
boot_stack_top:

.section .note.GNU-stack, "", @progbits
