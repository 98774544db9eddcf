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

static void table_give(struct mmu *mmu, paddr_t table)
{
        mmu->source.give(mmu->source.account, table);
}

/* Gives back the tables below one of `level`. */
static void tables_destroy(struct mmu *mmu, paddr_t table, unsigned level)
{
        const uint64_t *entries = direct(table);
        unsigned count = level == LEVELS ? ROOT_HALF : PTE_COUNT;
        for (unsigned i = 0; i < count; i++) {
                if (!entries[i])
                        continue;
                if (level > 2)
                        tables_destroy(mmu, entries[i] & PTE_ADDRESS, level - 1);
                table_give(mmu, entries[i] & PTE_ADDRESS);
        }
}

void mmu_destroy(struct mmu *mmu)
{
        if (mmu_is_loaded(mmu))
                root_load(paging_root());
        tables_destroy(mmu, mmu->root, LEVELS);
        table_give(mmu, mmu->root);
        mmu->root = 0;
}

/* The page table of an address, or NULL. It is remembered, since tables live as long as the space.
 */
static __attribute__((noinline)) uint64_t *table_find(struct mmu *mmu, uint64_t address)
{
        uint64_t *table = direct(mmu->root);
        for (unsigned level = LEVELS; level > 1; level--) {
                uint64_t entry = table[table_index(address, level)];
                if (!entry)
                        return NULL;
                table = direct(entry & PTE_ADDRESS);
        }
        mmu->table = table;
        mmu->table_place = address / LARGE_PAGE_BYTES;
        return table;
}

/* The page's entry; NULL if a table is missing. */
static inline uint64_t *entry_find(struct mmu *mmu, uint64_t address)
{
        uint64_t *table = mmu->table;
        if (!table || mmu->table_place != address / LARGE_PAGE_BYTES)
                table = table_find(mmu, address);
        return table ? &table[table_index(address, 1)] : NULL;
}

/* The page's entry; makes the missing tables, or, if one cannot be had, none, and returns NULL. */
static uint64_t *entry_make(struct mmu *mmu, uint64_t address)
{
        uint64_t *table = direct(mmu->root), *first_made = NULL;
        paddr_t made[LEVELS];
        unsigned made_count = 0;
        for (unsigned level = LEVELS; level > 1; level--) {
                uint64_t *entry = &table[table_index(address, level)];
                if (!*entry) {
                        paddr_t page = mmu->source.take(mmu->source.account);
                        if (!page) {
                                if (first_made)
                                        *first_made = 0;
                                if (mmu_is_loaded(mmu)) /* SDM 3, 4.10.4: tables are cached, too */
                                        page_invalidate(address);
                                while (made_count)
                                        table_give(mmu, made[--made_count]);
                                return NULL;
                        }
                        first_made = first_made ? first_made : entry;
                        made[made_count++] = page;
                        *entry = page | TABLE_ENTRY;
                }
                table = direct(*entry & PTE_ADDRESS);
        }
        return &table[table_index(address, 1)];
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
        const uint64_t *kernel = direct(paging_root());
        root[ROOT_HALF] = kernel[ROOT_HALF];
        root[ROOT_IMAGE] = kernel[ROOT_IMAGE];
        uint64_t *entry = entry_make(mmu, CLOCK_PAGE);
        if (!entry) {
                table_give(mmu, mmu->root);
                return false;
        }
        kassert(!*entry);
        *entry = entry_encode(image_physical((const char *)&clock_page), MAP_READ);
        return true;
}

static void assert_user_page(uint64_t address)
{
        kassert(address % PAGE_SIZE == 0 && address < USER_END);
}

bool mmu_map(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags)
{
        assert_user_page(address);
        uint64_t *entry = entry_find(mmu, address);
        if (!entry && !(entry = entry_make(mmu, address)))
                return false;
        kassert(!*entry);
        *entry = entry_encode(page, flags);
        return true;
}

bool mmu_reserve(struct mmu *mmu, uint64_t address, uint64_t bytes)
{
        uint64_t end = address + bytes;
        while (address < end) {
                if (!entry_find(mmu, address) && !entry_make(mmu, address))
                        return false;
                address = (address | (LARGE_PAGE_BYTES - 1)) + 1; /* one page table's reach */
        }
        return true;
}

bool mmu_unmap(struct mmu *mmu, uint64_t address)
{
        assert_user_page(address);
        uint64_t *entry = entry_find(mmu, address);
        if (!entry || !*entry)
                return false;
        *entry = 0;
        if (mmu_is_loaded(mmu))
                page_invalidate(address);
        return true;
}

void mmu_remap(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags)
{
        assert_user_page(address);
        uint64_t *entry = entry_find(mmu, address);
        kassert(entry && *entry);
        *entry = entry_encode(page, flags);
        if (mmu_is_loaded(mmu))
                page_invalidate(address);
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
