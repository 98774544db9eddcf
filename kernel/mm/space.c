/* Mappings, kept in a tree by address; they never overlap. Page tables may lag behind a mapping,
 * since most pages come in by faults, but never allow more than it does: whoever takes away a page
 * or a right removes it from the page tables and from `resolved` first. */
#include "kernel/mm/space.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/string.h"
#include "kernel/account/frame.h"
#include "kernel/mm/memory.h"
#include "kernel/account/account.h"

static paddr_t table_take(void *account)
{
        return account_take_page(account);
}

static void table_give(void *account, paddr_t table)
{
        account_give_page(account, table);
}

bool space_init(struct space *space, struct account *account)
{
        space->account = account;
        return mmu_init(&space->mmu, (struct table_source){table_take, table_give, account});
}

static struct mapping *mapping_of(struct tree_node *node)
{
        return node ? container_of(node, struct mapping, node) : NULL;
}

void space_destroy(struct space *space)
{
        while (tree_first(&space->mappings))
                mapping_destroy(mapping_of(tree_first(&space->mappings)));
        mmu_destroy(&space->mmu);
}

static uint64_t mapping_start(const struct mapping *mapping)
{
        return mapping->node.key;
}

static uint64_t mapping_end(const struct mapping *mapping)
{
        return mapping->node.key + (mapping->pages << PAGE_SHIFT);
}

/* The last mapping that starts before `end`, or NULL. */
static struct mapping *mapping_before(const struct space *space, uint64_t end)
{
        return mapping_of(tree_floor(&space->mappings, end - 1));
}

/* The last mapping that overlaps the range, which is not empty; NULL: there is none. */
static struct mapping *mapping_within(const struct space *space, uint64_t address, uint64_t bytes)
{
        struct mapping *mapping = mapping_before(space, address + bytes);
        return mapping && mapping_end(mapping) > address ? mapping : NULL;
}

static struct mapping *mapping_at(const struct space *space, uint64_t address)
{
        return mapping_within(space, address, 1);
}

static bool range_valid(uint64_t address, uint64_t bytes)
{
        return ((address | bytes) & (PAGE_SIZE - 1)) == 0 && bytes != 0 && address >= USER_START &&
               address < USER_END && bytes <= USER_END - address;
}

static bool flags_valid(unsigned flags)
{
        return !(flags & ~15u) && !(flags & MAP_WRITE && flags & MAP_EXECUTE);
}

/* Adds what the flags imply: the processor can read a page that it can write or execute. */
static unsigned implied_access(unsigned flags)
{
        return flags & (MAP_WRITE | MAP_EXECUTE) ? flags | MAP_READ : flags;
}

/* The flags of a page in the page tables: not writable while its frame is shared. */
static unsigned page_flags(const struct mapping *mapping, paddr_t frame)
{
        if (mapping->flags & MAP_WRITE && mapping->memory->kind == MEMORY_ANONYMOUS &&
            frame_shared(frame))
                return mapping->flags & ~(unsigned)MAP_WRITE;
        return mapping->flags;
}

/* A free range of that many bytes, which are valid; 0: none. The lowest from the cursor on, and
 * then from the start, as far as that takes so many steps: each goes on behind the last mapping
 * that is in the way. Else what is behind all mappings of the window. The next search goes on where
 * this one has ended, so no hole is left out for ever, and what was given back at once is had
 * again. */
static uint64_t range_choose(struct space *space, uint64_t bytes, bool layer)
{
        enum { STEPS = 16 };
        const uint64_t start = layer ? LAYER_START : CHOICE_START;
        const uint64_t end = layer ? LAYER_END : LAYER_START;
        const struct mapping *taken = mapping_before(space, end);
        uint64_t top = taken && mapping_end(taken) > start ? mapping_end(taken) : start;
        uint64_t at = space->cursor < start || space->cursor >= top ? start : space->cursor;
        for (unsigned i = 0; i < STEPS && (taken = mapping_within(space, at, bytes)); i++)
                at = mapping_end(taken) < top ? mapping_end(taken) : start;
        space->cursor = at;
        if (taken)
                at = top;
        return at <= end && bytes <= end - at ? at : 0;
}

/* `before`: the last mapping that starts below the address, or NULL. */
static struct mapping *mapping_create(struct space *space, struct memory *memory,
                                      struct mapping *before, uint64_t address, uint64_t offset,
                                      uint64_t pages)
{
        struct mapping *mapping = account_alloc(space->account, sizeof(*mapping));
        if (!mapping)
                return NULL;
        mapping->space = space;
        mapping->memory = memory;
        mapping->offset = offset;
        mapping->pages = pages;
        list_append(&memory->mappings, &mapping->memory_link);
        tree_insert_after(&space->mappings, before ? &before->node : NULL, &mapping->node, address);
        return mapping;
}

/* So many pages space_map() maps at once; the rest come by page faults. */
enum { MAP_EAGER_PAGES = 16 };

outcome_t space_map(struct space *space, struct memory *memory, uint64_t *place, uint64_t offset,
                    uint64_t bytes, unsigned flags, unsigned allowed)
{
        bool layer = flags & MAP_LAYER;
        uint64_t limit = memory->pages << PAGE_SHIFT;
        if (flags & MAP_UNCACHED && memory->kind != MEMORY_DEVICE)
                return not_executed(REASON_MALFORMED);
        flags &= ~(unsigned)MAP_LAYER;
        if (!range_valid(*place ? *place : USER_START, bytes) || !flags_valid(flags) ||
            offset & (PAGE_SIZE - 1) || offset > limit || bytes > limit - offset)
                return not_executed(REASON_MALFORMED);
        flags = implied_access(flags);
        if (flags & ~allowed & 7u)
                return not_executed(REASON_REFUSED);
        uint64_t address = *place ? *place : range_choose(space, bytes, layer);
        if (!address)
                return not_executed(REASON_NO_MEMORY);
        struct mapping *before = mapping_before(space, address + bytes);
        if (before && mapping_end(before) > address)
                return not_executed(REASON_BUSY);
        if (!mmu_reserve(&space->mmu, address, bytes))
                return not_executed(REASON_NO_MEMORY);
        struct mapping *mapping = mapping_create(space, memory, before, address,
                                                 offset >> PAGE_SHIFT, bytes >> PAGE_SHIFT);
        if (!mapping)
                return not_executed(REASON_NO_MEMORY);
        unsigned type = memory->kind == MEMORY_DEVICE ? MAP_UNCACHED : 0;
        mapping->flags = (uint8_t)(flags | type);
        mapping->allowed = (uint8_t)(allowed | type);
        for (uint64_t i = 0; i < mapping->pages && i < MAP_EAGER_PAGES && flags; i++) {
                paddr_t frame = memory_page(memory, mapping->offset + i);
                mmu_map(&space->mmu, address + (i << PAGE_SHIFT), frame,
                        page_flags(mapping, frame));
        }
        *place = address;
        return OUTCOME_OK;
}

static struct resolved *resolved_at(struct space *space, uint64_t page)
{
        return &space->resolved[page / PAGE_SIZE % SPACE_RESOLVED];
}

static void page_unmap(struct space *space, uint64_t page)
{
        resolved_at(space, page)->key = 0;
        mmu_unmap(&space->mmu, page);
}

static void page_remap(struct space *space, uint64_t page, paddr_t frame, unsigned flags)
{
        resolved_at(space, page)->key = 0;
        mmu_remap(&space->mmu, page, frame, flags);
}

static void unmap_pages(struct space *space, uint64_t address, uint64_t pages)
{
        for (uint64_t i = 0; i < pages; i++) {
                page_unmap(space, address + (i << PAGE_SHIFT));
                arch_preemption_point();
        }
}

void mapping_write_protect(struct mapping *mapping)
{
        if (!(mapping->flags & MAP_WRITE))
                return;
        for (uint64_t i = 0; i < mapping->pages; i++) {
                uint64_t address = mapping_start(mapping) + (i << PAGE_SHIFT);
                paddr_t page;
                unsigned flags;
                if (mmu_lookup(&mapping->space->mmu, address, &page, &flags) && flags & MAP_WRITE)
                        page_remap(mapping->space, address, page, flags & ~(unsigned)MAP_WRITE);
                arch_preemption_point();
        }
}

void mapping_forget_page(struct mapping *mapping, uint64_t page)
{
        if (page >= mapping->offset && page - mapping->offset < mapping->pages)
                page_unmap(mapping->space,
                           mapping_start(mapping) + ((page - mapping->offset) << PAGE_SHIFT));
}

static void mapping_free(struct mapping *mapping)
{
        struct memory *memory = mapping->memory;
        tree_remove(&mapping->space->mappings, &mapping->node);
        list_remove(&mapping->memory_link);
        account_free(mapping->space->account, mapping);
        object_released(&memory->object);
}

/* Takes away a range at one end of a mapping, or all of it. */
static void mapping_trim(struct mapping *mapping, uint64_t from, uint64_t to)
{
        uint64_t pages = (to - from) >> PAGE_SHIFT;
        kassert(from == mapping_start(mapping) || to == mapping_end(mapping));
        kassert(pages > 0 && pages <= mapping->pages);
        unmap_pages(mapping->space, from, pages);
        if (from == mapping_start(mapping)) {
                mapping->node.key = to;
                mapping->offset += pages;
        }
        mapping->pages -= pages;
        if (mapping->pages == 0)
                mapping_free(mapping);
}

void mapping_destroy(struct mapping *mapping)
{
        mapping_trim(mapping, mapping_start(mapping), mapping_end(mapping));
}

/* Splits a mapping that spans the address; false: no memory. */
static bool split_at(struct space *space, uint64_t address)
{
        struct mapping *mapping = mapping_at(space, address);
        if (!mapping || mapping_start(mapping) == address)
                return true;
        uint64_t pages = (address - mapping_start(mapping)) >> PAGE_SHIFT;
        struct mapping *rest = mapping_create(space, mapping->memory, mapping, address,
                                              mapping->offset + pages, mapping->pages - pages);
        if (!rest)
                return false;
        rest->flags = mapping->flags;
        rest->allowed = mapping->allowed;
        mapping->pages = pages;
        return true;
}

/* Undoes a split. */
static void mapping_rejoin(struct mapping *mapping)
{
        struct mapping *rest = mapping_of(tree_next(&mapping->node));
        kassert(rest->memory == mapping->memory && mapping_start(rest) == mapping_end(mapping));
        mapping->pages += rest->pages;
        mapping_free(rest);
}

outcome_t space_unmap(struct space *space, uint64_t address, uint64_t bytes)
{
        uint64_t end = address + bytes;
        if (!range_valid(address, bytes))
                return not_executed(REASON_MALFORMED);
        struct mapping *mapping = mapping_at(space, address);
        if (mapping && mapping_start(mapping) < address && mapping_end(mapping) > end &&
            !split_at(space, end))
                return not_executed(REASON_NO_MEMORY);
        while ((mapping = mapping_within(space, address, bytes))) {
                uint64_t from = mapping_start(mapping), to = mapping_end(mapping);
                mapping_trim(mapping, from > address ? from : address, to < end ? to : end);
        }
        return OUTCOME_OK;
}

outcome_t space_protect(struct space *space, uint64_t address, uint64_t bytes, unsigned flags)
{
        if (!range_valid(address, bytes) || !flags_valid(flags))
                return not_executed(REASON_MALFORMED);
        flags = implied_access(flags);
        for (uint64_t at = address; at < address + bytes;) {
                struct mapping *mapping = mapping_at(space, at);
                if (!mapping)
                        return not_executed(REASON_FAULT);
                if (flags & ~(unsigned)mapping->allowed)
                        return not_executed(REASON_REFUSED);
                at = mapping_end(mapping);
        }
        struct mapping *first = mapping_at(space, address);
        if (!split_at(space, address))
                return not_executed(REASON_NO_MEMORY);
        if (!split_at(space, address + bytes)) {
                if (mapping_start(first) < address)
                        mapping_rejoin(first);
                return not_executed(REASON_NO_MEMORY);
        }
        for (uint64_t at = address; at < address + bytes;) {
                struct mapping *mapping = mapping_at(space, at);
                mapping->flags = (uint8_t)(flags | (mapping->flags & MAP_UNCACHED));
                unmap_pages(space, at, mapping->pages);
                at = mapping_end(mapping);
        }
        return OUTCOME_OK;
}

const struct mapping *space_find(const struct space *space, uint64_t address)
{
        struct tree_node *node = tree_floor(&space->mappings, address);
        if (!node)
                node = tree_first(&space->mappings);
        else if (mapping_end(mapping_of(node)) <= address)
                node = tree_next(node);
        return mapping_of(node);
}

bool space_fault(struct space *space, uint64_t address, unsigned access)
{
        struct mapping *mapping = mapping_at(space, address);
        if (!mapping || !(mapping->flags & access))
                return false;
        uint64_t start = page_down(address);
        uint64_t page = mapping->offset + ((start - mapping_start(mapping)) >> PAGE_SHIFT);
        paddr_t frame;
        unsigned flags;
        bool present = mmu_lookup(&space->mmu, start, &frame, &flags);
        frame = memory_page(mapping->memory, page);
        if (access == MAP_WRITE && memory_page_shared(mapping->memory, page)) {
                frame = memory_own_page(mapping->memory, page);
                present = false;
                list_for_each(link, &mapping->memory->mappings)
                    mapping_forget_page(container_of(link, struct mapping, memory_link), page);
        }
        if (present)
                page_remap(space, start, frame, page_flags(mapping, frame));
        else
                mmu_map(&space->mmu, start, frame, page_flags(mapping, frame));
        return true;
}

/* The page's bytes if the page tables allow the access and it is not a device's; else NULL. */
static char *page_bytes(struct space *space, uint64_t page, unsigned needed)
{
        paddr_t frame;
        unsigned flags;
        if (!mmu_lookup(&space->mmu, page, &frame, &flags) || !(flags & needed) ||
            flags & MAP_UNCACHED)
                return NULL;
        *resolved_at(space, page) = (struct resolved){page | flags, direct(frame)};
        return direct(frame);
}

void *space_resolve(struct space *space, uint64_t address, bool write)
{
        uint64_t page = page_down(address);
        unsigned needed = write ? MAP_WRITE : MAP_READ;
        char *bytes = page_bytes(space, page, needed);
        if (!bytes && address < USER_END && space_fault(space, address, needed))
                bytes = page_bytes(space, page, needed);
        return bytes ? bytes + (address - page) : NULL;
}

static bool space_copy(struct space *space, uint64_t address, void *buffer, uint64_t bytes,
                       bool write)
{
        char *at = buffer;
        while (bytes) {
                uint64_t part = PAGE_SIZE - (address & (PAGE_SIZE - 1));
                if (part > bytes)
                        part = bytes;
                void *page = space_resolve(space, address, write);
                if (!page)
                        return false;
                memcpy(write ? page : at, write ? at : page, part);
                address += part;
                at += part;
                bytes -= part;
        }
        return true;
}

bool space_read(struct space *space, void *to, uint64_t from, uint64_t bytes)
{
        return space_copy(space, from, to, bytes, false);
}

bool space_write(struct space *space, uint64_t to, const void *from, uint64_t bytes)
{
        return space_copy(space, to, (void *)from, bytes, true);
}
