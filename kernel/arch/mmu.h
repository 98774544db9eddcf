/* Address spaces as the processor sees them: page tables. mm/space.c decides what is mapped where.
 *
 * Page-table pages come from the caller's functions, which charge them to an account. All functions
 * run with the kernel lock held and interrupts off. */
#ifndef KERNEL_ARCH_MMU_H
#define KERNEL_ARCH_MMU_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/memory.h"

typedef uint64_t paddr_t;

struct account;

/* Where page-table pages come from, zeroed; 0 if there is none. */
struct table_source {
        paddr_t (*take)(struct account *account);
        void (*give)(struct account *account, paddr_t table);
        struct account *account;
};

struct mmu {
        paddr_t root;
        struct table_source source;
        uint64_t *table;      /* the page table used last; private to the machine */
        uint64_t table_place; /* the address range it covers, in units of its size */
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

static inline uint64_t page_down(uint64_t address)
{
        return address & ~(PAGE_SIZE - 1ull);
}

static inline uint64_t page_up(uint64_t address)
{
        return page_down(address + PAGE_SIZE - 1);
}

/* A fresh space with the kernel's half and the clock page (abi/clock.h); false: no page to be had.
 */
bool mmu_init(struct mmu *mmu, struct table_source source);

/* Returns all table pages. If the space is loaded, the kernel's own is loaded instead. The mapped
 * pages are not touched. */
void mmu_destroy(struct mmu *mmu);

/* Makes sure that there are page tables for the range, so that mmu_map() cannot fail. False: no
 * page to be had for one. */
bool mmu_reserve(struct mmu *mmu, uint64_t address, uint64_t bytes);

/* Maps a page, in the place of what was mapped there; `flags`: enum map_flags. */
void mmu_map(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags);

/* Removes a page, if there is one, and its cached translation. */
void mmu_unmap(struct mmu *mmu, uint64_t address);

/* What is mapped at a user address: frame and flags; false if nothing. */
bool mmu_lookup(struct mmu *mmu, uint64_t address, paddr_t *page, unsigned *flags);

#endif
