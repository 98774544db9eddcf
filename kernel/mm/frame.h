/* Physical page frames: a buddy allocator over all free RAM, in two zones so that memory for DMA
 * can be had below 4 GiB. Who pays is decided above (object/account.c): the accounts' limits add up
 * to what is here, so a charge that was accepted finds its frame. */
#ifndef KERNEL_MM_FRAME_H
#define KERNEL_MM_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/include/arch/arch.h"

enum { FRAME_ORDERS = 11 }; /* blocks of 1 to 1024 pages */

/* Takes over the machine's free ranges; the frame table itself is put into one of them. Panics if
 * no range is large enough. */
void frame_init(const struct boot_machine *machine);

/* A block of 2^order pages, aligned to its size, not zeroed; 0 if there is none. `low`: below 4
 * GiB. */
paddr_t frame_take(unsigned order, bool low);

/* Gives back a block as it was taken. */
void frame_give(paddr_t block, unsigned order);

/* Frames that were never free, boot modules for instance, become used ones. */
void frame_adopt(paddr_t start, paddr_t end);

/* Shared frames of copy-on-write memory: the number of owners beyond the first. */
void frame_share(paddr_t frame);
bool frame_shared(paddr_t frame);
/* Drops one owner; the last one gives the frame back. */
void frame_drop(paddr_t frame);

uint64_t frame_free_bytes(void);

/* Whether someone has the frame. */
bool frame_used(paddr_t frame);

#endif
