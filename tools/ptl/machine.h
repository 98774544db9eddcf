/* The machine of a node: QEMU's command line. Everything in it is relative to the run directory. */
#ifndef PTL_MACHINE_H
#define PTL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/ptl/arguments.h"
#include "tools/ptl/boot.h"
#include "tools/ptl/options.h"

/* Which accelerator works here: "kvm" where the processor has vmx or svm and /dev/kvm opens for
 * writing (it may open and yet not run a guest without them), else "tcg". */
const char *machine_accelerator(void);

/* The program: PTL_QEMU, or qemu-system-x86_64. */
const char *machine_program(void);

/* Builds the command line that starts the node. */
void machine_arguments(struct arguments *arguments, const struct options *options,
                       const struct boot_plan *plan, const char *accelerator, unsigned node,
                       uint64_t entropy);

#endif
