/* Loading the first task: the only ELF file that the kernel reads. */
#ifndef KERNEL_BOOT_FIRST_H
#define KERNEL_BOOT_FIRST_H

#include <stdint.h>

struct account;
struct memory;
struct space;

/* Loads a static ELF64 executable for x86-64, which lies at `image`, into the space, its segments
 * each in memory of its own. Returns the entry point; panics with the reason if the file is damaged
 * or does not fit. */
uint64_t first_load(struct space *space, struct account *account, const void *image,
                    uint64_t bytes);

/* New memory of the first task, mapped at an address with `flags` (enum map_flags). Panics if it
 * cannot be had, or not there; `what` it is says to the user which. */
struct memory *first_map(struct space *space, struct account *account, uint64_t address,
                         uint64_t bytes, unsigned flags, const char *what);

#endif
