/* Loading the first task: the only ELF file that the kernel reads. */
#ifndef KERNEL_BOOT_FIRST_H
#define KERNEL_BOOT_FIRST_H

#include <stdint.h>

struct account;
struct memory;
struct space;

/* Loads a static ELF64 executable for x86-64 into the space, its segments each in memory of its
 * own. Returns the entry point; panics with the reason if the file is damaged or does not fit. */
uint64_t first_load(struct space *space, struct account *account, const struct memory *image,
                    uint64_t bytes);

#endif
