/* User address spaces (kernel/arch/mmu.h): the lower half of the page tables. The entries
 * of the upper half are the kernel's, the same in all of them.
 *
 * One processor so far: a translation can be stale only where the space is loaded here. */
#include "kernel/arch/mmu.h"
#include "kernel/arch/x86_64/clock.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/arch/x86_64/paging.h"
#include "kernel/arch/x86_64/pte.h"
#include "kernel/debug/panic.h"

#define TABLE_ENTRY (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

static bool mmu_is_loaded(const struct mmu *mmu)
{
        return this_head()->arch.root == mmu->root;
}

/* Gives back a table of `level` and those below it. */
static void table_destroy(struct mmu *mmu, paddr_t table, unsigned level)
{
        const uint64_t *entries = direct(table);
        unsigned count = level == LEVELS ? ROOT_HALF : PTE_COUNT;
        for (unsigned i = 0; level > 1 && i < count; i++)
                if (entries[i])
                        table_destroy(mmu, entries[i] & PTE_ADDRESS, level - 1);
        mmu->source.give(mmu->source.account, table);
}

void mmu_destroy(struct mmu *mmu)
{
        kassert(mmu->root && mmu->root != paging_root());
        if (mmu_is_loaded(mmu))
                root_load(paging_root());
        table_destroy(mmu, mmu->root, LEVELS);
        mmu->root = 0;
}

/* The page table of an address. It is remembered, since tables live as long as the space. Missing
 * tables are made if `make` says so, and stay even if not all can be. NULL: one is missing. */
static __attribute__((noinline)) uint64_t *table_find(struct mmu *mmu, uint64_t address, bool make)
{
        uint64_t *table = direct(mmu->root);
        for (unsigned level = LEVELS; level > 1; level--) {
                uint64_t *entry = &table[table_index(address, level)];
                if (!*entry) {
                        paddr_t page = make ? mmu->source.take(mmu->source.account) : 0;
                        if (!page)
                                return NULL;
                        kassert(!(page & ~PTE_ADDRESS));
                        *entry = page | TABLE_ENTRY;
                }
                table = direct(*entry & PTE_ADDRESS);
        }
        mmu->table = table;
        mmu->table_place = address / LARGE_PAGE_BYTES;
        return table;
}

/* The page's entry; NULL if a table is missing. */
static inline uint64_t *entry_find(struct mmu *mmu, uint64_t address)
{
        bool same = mmu->table_place == address / LARGE_PAGE_BYTES;
        uint64_t *table = same ? mmu->table : table_find(mmu, address, false);
        return table ? &table[table_index(address, 1)] : NULL;
}

/* The bits of an entry besides the frame, by enum map_flags. */
#define ENTRY_BITS(flags)                                                                          \
        ((uint64_t)(flags) << PTE_FLAGS | PTE_MAPPED | PTE_USER | PTE_ACCESSED |                   \
         ((flags) & (MAP_READ | MAP_WRITE | MAP_EXECUTE) ? PTE_PRESENT : 0) |                      \
         ((flags)&MAP_WRITE ? PTE_WRITE | PTE_DIRTY : 0) |                                         \
         ((flags)&MAP_UNCACHED ? PTE_UNCACHED : 0) | ((flags)&MAP_EXECUTE ? 0 : PTE_NX))
#define FOUR_ENTRIES(flags)                                                                        \
        ENTRY_BITS(flags), ENTRY_BITS(flags + 1), ENTRY_BITS(flags + 2), ENTRY_BITS(flags + 3)
static const uint64_t entry_bits[] = {FOUR_ENTRIES(0), FOUR_ENTRIES(4), FOUR_ENTRIES(8),
                                      FOUR_ENTRIES(12)};

static inline uint64_t entry_encode(paddr_t page, unsigned flags)
{
        uint64_t bits = entry_bits[flags];
        return page | (cpu_features.nx ? bits : bits & ~PTE_NX);
}

bool mmu_init(struct mmu *mmu, struct table_source source)
{
        *mmu = (struct mmu){.root = source.take(source.account), .source = source};
        if (!mmu->root)
                return false;
        uint64_t *root = direct(mmu->root);
        kassert(!root[ROOT_HALF] && !root[ROOT_IMAGE]);
        const uint64_t *kernel = direct(paging_root());
        root[ROOT_HALF] = kernel[ROOT_HALF];
        root[ROOT_IMAGE] = kernel[ROOT_IMAGE];
        uint64_t *table = table_find(mmu, CLOCK_PAGE, true);
        if (!table) {
                mmu_destroy(mmu);
                return false;
        }
        table[table_index(CLOCK_PAGE, 1)] =
            entry_encode(image_physical((const char *)&clock_page), MAP_READ);
        return true;
}

bool mmu_reserve(struct mmu *mmu, uint64_t address, uint64_t bytes)
{
        uint64_t first = address / LARGE_PAGE_BYTES,
                 last = (address + bytes - 1) / LARGE_PAGE_BYTES;
        if (first == last && first == mmu->table_place)
                return true;
        for (uint64_t place = first; place <= last; place++)
                if (!table_find(mmu, place * LARGE_PAGE_BYTES, true))
                        return false;
        return true;
}

/* Sets the page's entry, if there is a table for it, and forgets what the processor has cached. */
static inline __attribute__((always_inline)) void entry_set(struct mmu *mmu, uint64_t address,
                                                            uint64_t value)
{
        kassert(address % PAGE_SIZE == 0);
        kassert(address < USER_END);
        uint64_t *entry = entry_find(mmu, address);
        kassert(entry || !value);
        if (!entry)
                return;
        uint64_t old = *entry;
        *entry = value;
        if (old && mmu_is_loaded(mmu))
                page_invalidate(address);
}

void mmu_map(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags)
{
        entry_set(mmu, address, entry_encode(page, flags));
}

void mmu_unmap(struct mmu *mmu, uint64_t address)
{
        entry_set(mmu, address, 0);
}

bool mmu_lookup(struct mmu *mmu, uint64_t address, paddr_t *page, unsigned *flags)
{
        if (address >= USER_END)
                return false;
        const uint64_t *entry = entry_find(mmu, address);
        if (!entry || !*entry)
                return false;
        *page = *entry & PTE_ADDRESS;
        *flags = (unsigned)((*entry & PTE_FLAG_MASK) >> PTE_FLAGS);
        return true;
}
