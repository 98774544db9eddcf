/* What a failed assertion does: assertion_failed(condition, file, line), all of them constants,
 * does not return; the kernel panics with them. It takes next to no code, and changes nothing. */
#ifndef KERNEL_ARCH_ASSERTION_H
#define KERNEL_ARCH_ASSERTION_H

#include "kernel/arch/x86_64/assertion.h"

#endif
