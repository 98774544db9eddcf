/* Address spaces as the processor sees them: page tables. What is mapped where, and why, is
 * mm/space.c.
 *
 * Page-table pages come from and go back to the caller's functions, so that they are charged to an
 * account. All functions run with the kernel lock held and interrupts off. */
#ifndef KERNEL_ARCH_MMU_H
#define KERNEL_ARCH_MMU_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/memory.h"

typedef uint64_t paddr_t;

/* Where a page-table page comes from; 0 when there is none. The page is zeroed. */
struct table_source {
        paddr_t (*take)(void *account);
        void (*give)(void *account, paddr_t table);
        void *account;
};

struct mmu {
        paddr_t root;
        struct table_source source;
        uint64_t *table;      /* used last, or NULL; the implementation's own */
        uint64_t table_place; /* which one it is: an address in its reach, over its reach */
};

/* All physical memory is mapped here, writable, not executable. */
#if __STDC_HOSTED__
extern uint64_t direct_map; /* host tests bring their own memory */
#define DIRECT_MAP direct_map
#else
#define DIRECT_MAP 0xffff800000000000ull
#endif

static inline void *direct(paddr_t physical)
{
        return (void *)(DIRECT_MAP + physical);
}

static inline paddr_t direct_physical(const void *address)
{
        return (uint64_t)address - DIRECT_MAP;
}

/* A fresh space with the kernel's half mapped; false if no page could be had. */
bool mmu_init(struct mmu *mmu, struct table_source source);

/* Gives back all table pages. The space is not loaded on any processor (the kernel's own is loaded
 * instead if it was). What was mapped is not touched. */
void mmu_destroy(struct mmu *mmu);

/* Maps one page; false if a table page could not be had (what was done is undone). Nothing is
 * mapped there. `flags`: enum map_flags. */
bool mmu_map(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags);

/* Makes sure that mmu_map of any page in the range cannot fail. */
bool mmu_reserve(struct mmu *mmu, uint64_t address, uint64_t bytes);

/* Removes one page, and its translation from the processors; false if there was none. */
bool mmu_unmap(struct mmu *mmu, uint64_t address);

/* Replaces page and flags of a page that is mapped. */
void mmu_remap(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags);

/* What is mapped at a user address: its page and flags; false if nothing. */
bool mmu_lookup(struct mmu *mmu, uint64_t address, paddr_t *page, unsigned *flags);

#endif
