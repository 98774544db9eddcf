/* Physical page frames: a buddy allocator over all free RAM, in two zones, so that DMA memory can
 * be taken below 4 GiB. Accounts decide who pays (account/account.c): their limits add up to what
 * is here, so a charge that was accepted finds its frame. */
#ifndef KERNEL_ACCOUNT_FRAME_H
#define KERNEL_ACCOUNT_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/arch/arch.h"

enum { FRAME_ORDERS = 11 }; /* blocks of 1 to 1024 pages */

/* Takes over the machine's free ranges; the frame table itself goes into one of them. Panics if
 * none is large enough. */
void frame_init(const struct boot_machine *machine);

/* A block of 2^order pages, aligned to its size, not zeroed; 0 if there is none. `low`: below 4
 * GiB. */
paddr_t frame_take(unsigned order, bool low);

/* Returns a block of frame_take(). */
void frame_give(paddr_t block, unsigned order);

/* Marks frames that were never free as used: boot modules. */
void frame_adopt(paddr_t start, paddr_t end);

/* Notes who has a frame, until it is freed or shared. `movable`: its content may be moved. */
void frame_set_owner(paddr_t frame, void *owner, bool movable);
void *frame_owner(paddr_t frame); /* NULL: not known */

/* Moves the content of an owner's frame, which is movable, to another and makes that the owner's.
 */
typedef void frame_move(void *owner, paddr_t from, paddr_t to);

/* As frame_take(order, true), for when so much is free, but in pieces: moves what lies between
 * them. 0: every block has something that cannot be moved. Looks at all frames. */
paddr_t frame_clear(unsigned order, frame_move *move);

/* Frames shared by copy on write: each is counted for its owners beyond the first. */
void frame_share(paddr_t frame);
bool frame_shared(paddr_t frame);
/* Drops one owner; the last one frees the frame. */
void frame_drop(paddr_t frame);

uint64_t frame_free_bytes(void);

/* Whether any byte of the physical range is RAM. */
bool frame_is_ram(paddr_t start, paddr_t end);

/* Whether the frame is taken. */
bool frame_used(paddr_t frame);

#endif
