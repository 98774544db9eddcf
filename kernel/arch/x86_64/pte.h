/* Page-table entries: SDM volume 3, 4.5. */
#ifndef X86_PTE_H
#define X86_PTE_H

#include <stdint.h>

#define PTE_PRESENT   0x001ull
#define PTE_WRITE     0x002ull
#define PTE_USER      0x004ull
#define PTE_UNCACHED  0x018ull /* PWT and PCD: strong uncacheable in the PAT after reset */
#define PTE_ACCESSED  0x020ull
#define PTE_DIRTY     0x040ull
#define PTE_LARGE     0x080ull
#define PTE_GLOBAL    0x100ull
#define PTE_NX        0x8000000000000000ull
#define PTE_ADDRESS   0x000ffffffffff000ull
#define PTE_MAPPED    0x200ull /* software: mapped, even if no access is allowed */
#define PTE_FLAGS     52       /* software, four bits: enum map_flags */
#define PTE_FLAG_MASK (0xfull << PTE_FLAGS)

enum {
        PTE_COUNT = 512,
        LARGE_PAGE_BYTES = 0x200000,
        LEVELS = 4,
        ROOT_HALF = 256,  /* first root entry of the kernel's half, where the direct map is */
        ROOT_IMAGE = 511, /* the root entry of image and device window */
};

/* Index into the table of `level` (1: page tables, 4: the root). */
static inline unsigned table_index(uint64_t address, unsigned level)
{
        return address >> (12 + 9 * (level - 1)) & (PTE_COUNT - 1);
}

#endif
