/* Page tables as kernel/arch/mmu.h wants them: four levels of 512 entries, like the
 * processor's, so that they need as many pages. */
#include <string.h>
#include "kernel/debug/panic.h"
#include "kernel/arch/mmu.h"
#include "kernel/sched/cpu.h"
#include "tests/unit/kernel/host/machine.h"

enum {
        LEVELS = 4,
        ENTRIES = 512,
        ENTRY_FLAGS = 15,  /* enum map_flags */
        ENTRY_MAPPED = 16, /* of the last level */
        ENTRY_TABLE = 32,  /* of the others */
        ENTRY_BITS = 0xfff,
};

static unsigned index_of(uint64_t address, unsigned level)
{
        return address >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1);
}

static uint64_t *table_of(uint64_t entry)
{
        return direct(entry & ~(uint64_t)ENTRY_BITS);
}

/* Device memory lies beyond the arena and is not counted. */
static void count(paddr_t page, int by)
{
        if (page >> PAGE_SHIFT < machine.frames)
                machine.frame[page >> PAGE_SHIFT].mapped += (uint16_t)by;
}

bool mmu_init(struct mmu *mmu, struct table_source source)
{
        *mmu = (struct mmu){.root = source.take(source.account), .source = source};
        return mmu->root != 0;
}

static void destroy_below(struct mmu *mmu, paddr_t table, unsigned level)
{
        uint64_t *entries = direct(table);
        for (unsigned i = 0; i < ENTRIES; i++) {
                if (level == 1)
                        kassert(entries[i] == 0);
                else if (entries[i])
                        destroy_below(mmu, entries[i] & ~(uint64_t)ENTRY_BITS, level - 1);
        }
        mmu->source.give(mmu->source.account, table);
}

void mmu_destroy(struct mmu *mmu)
{
        if (this_cpu()->arch.root == mmu->root)
                this_cpu()->arch.root = 0;
        destroy_below(mmu, mmu->root, LEVELS);
        mmu->root = 0;
}

static uint64_t tables_below(paddr_t table, unsigned level)
{
        const uint64_t *entries = direct(table);
        uint64_t tables = 1;
        for (unsigned i = 0; i < ENTRIES && level > 1; i++)
                if (entries[i])
                        tables += tables_below(entries[i] & ~(uint64_t)ENTRY_BITS, level - 1);
        return tables;
}

uint64_t mmu_tables(const struct mmu *mmu)
{
        return mmu->root ? tables_below(mmu->root, LEVELS) : 0;
}

static uint64_t *entry_find(const struct mmu *mmu, uint64_t address)
{
        uint64_t *table = direct(mmu->root);
        for (unsigned level = LEVELS; level > 1; level--) {
                uint64_t entry = table[index_of(address, level)];
                if (!entry)
                        return NULL;
                table = table_of(entry);
        }
        return &table[index_of(address, 1)];
}

/* The entry, with tables made where they are missing; NULL: one could not be had, and those made
 * for it are given back. */
static uint64_t *entry_make(struct mmu *mmu, uint64_t address)
{
        uint64_t *table = direct(mmu->root), *made[LEVELS];
        unsigned count_made = 0;
        for (unsigned level = LEVELS; level > 1; level--) {
                uint64_t *entry = &table[index_of(address, level)];
                if (!*entry) {
                        paddr_t page = mmu->source.take(mmu->source.account);
                        while (!page && count_made > 0) {
                                uint64_t *undo = made[--count_made];
                                mmu->source.give(mmu->source.account,
                                                 *undo & ~(uint64_t)ENTRY_BITS);
                                *undo = 0;
                        }
                        if (!page)
                                return NULL;
                        *entry = page | ENTRY_TABLE;
                        made[count_made++] = entry;
                }
                table = table_of(*entry);
        }
        return &table[index_of(address, 1)];
}

static void kassert_page(uint64_t address)
{
        kassert(address % PAGE_SIZE == 0 && address >= USER_START && address < USER_END);
}

static void entry_set(uint64_t *entry, uint64_t value)
{
        if (*entry)
                count(*entry & ~(uint64_t)ENTRY_BITS, -1);
        *entry = value;
        if (*entry)
                count(*entry & ~(uint64_t)ENTRY_BITS, 1);
}

void mmu_map(struct mmu *mmu, uint64_t address, paddr_t page, unsigned flags)
{
        kassert_page(address);
        kassert(page % PAGE_SIZE == 0 && (flags & ~(unsigned)ENTRY_FLAGS) == 0);
        uint64_t *entry = entry_find(mmu, address);
        kassert(entry);
        entry_set(entry, page | flags | ENTRY_MAPPED);
}

bool mmu_reserve(struct mmu *mmu, uint64_t address, uint64_t bytes)
{
        for (uint64_t at = address; at < address + bytes;
             at = (at | (((uint64_t)ENTRIES << PAGE_SHIFT) - 1)) + 1)
                if (!entry_make(mmu, at))
                        return false;
        return true;
}

void mmu_unmap(struct mmu *mmu, uint64_t address)
{
        kassert_page(address);
        uint64_t *entry = entry_find(mmu, address);
        if (entry)
                entry_set(entry, 0);
}

bool mmu_lookup(struct mmu *mmu, uint64_t address, paddr_t *page, unsigned *flags)
{
        uint64_t *entry = address < USER_END ? entry_find(mmu, address) : NULL;
        if (!entry || !*entry)
                return false;
        *page = *entry & ~(uint64_t)ENTRY_BITS;
        *flags = (unsigned)(*entry & ENTRY_FLAGS);
        return true;
}

void mmu_load(struct mmu *mmu)
{
        kassert(mmu->root);
        this_cpu()->arch.root = mmu->root;
}
