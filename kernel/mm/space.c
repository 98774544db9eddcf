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

bool space_init(struct space *space, struct account *account)
{
        space->account = account;
        return mmu_init(&space->mmu,
                        (struct table_source){account_take_page, account_give_page, account});
}

static struct mapping *mapping_of(struct tree_node *node)
{
        return node ? container_of(node, struct mapping, node) : NULL;
}

void space_destroy(struct space *space)
{
        while (space->mappings.first)
                mapping_destroy(mapping_of(space->mappings.first));
        kassert(!space->mappings.root);
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
static struct mapping *mapping_before(struct space *space, uint64_t end)
{
        return mapping_of(tree_floor(&space->mappings, end - 1));
}

/* The last mapping that overlaps the range, which is not empty; NULL: there is none. */
static struct mapping *mapping_within(struct space *space, uint64_t address, uint64_t bytes)
{
        struct mapping *mapping = mapping_before(space, address + bytes);
        return mapping && mapping_end(mapping) > address ? mapping : NULL;
}

static struct mapping *mapping_at(struct space *space, uint64_t address)
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

/* A free range of that many bytes, which are valid; 0: none. The lowest from the cursor on, and
 * then from the start, as far as that takes so many steps: each goes on behind the last mapping
 * that is in the way. Else what is behind all mappings of the window. The next search goes on where
 * this one has ended, so no hole is left out for ever, and what was given back at once is had
 * again. */
static __attribute__((noinline)) uint64_t range_choose(struct space *space, uint64_t bytes,
                                                       bool layer)
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

static struct resolved *resolved_at(struct space *space, uint64_t page)
{
        return &space->resolved[page / PAGE_SIZE % SPACE_RESOLVED];
}

/* The user address of a page of the object. */
static uint64_t page_address(const struct mapping *mapping, uint64_t page)
{
        return mapping_start(mapping) + ((page - mapping->offset) << PAGE_SHIFT);
}

/* Puts a page of the object into the page tables: not writable while its frame is shared. */
static inline void page_map(struct mapping *mapping, uint64_t page)
{
        unsigned flags = mapping->flags;
        if (flags & MAP_WRITE && memory_page_shared(mapping->memory, page))
                flags &= ~(unsigned)MAP_WRITE;
        mmu_map(&mapping->space->mmu, page_address(mapping, page),
                memory_page(mapping->memory, page), flags);
}

/* `before`: the last mapping that starts below the address, or NULL. */
static void mapping_link(struct mapping *mapping, struct mapping *before, uint64_t address)
{
        list_append(&mapping->memory->mappings, &mapping->memory_link);
        tree_insert_after(&mapping->space->mappings, before ? &before->node : NULL, &mapping->node,
                          address);
}

/* So many pages space_map() maps at once; the rest come by page faults. */
enum { MAP_EAGER_PAGES = 16 };

outcome_t space_map(struct space *space, struct memory *memory, struct memory_mapping *wanted)
{
        const unsigned type = memory->kind == MEMORY_DEVICE ? MAP_UNCACHED : 0;
        const uint64_t limit = memory->pages << PAGE_SHIFT;
        if (!range_valid(wanted->address ? wanted->address : USER_START, wanted->bytes) ||
            !flags_valid(wanted->flags & ~(unsigned)MAP_LAYER) ||
            wanted->flags & MAP_UNCACHED & ~type || wanted->offset & (PAGE_SIZE - 1) ||
            wanted->offset > limit || wanted->bytes > limit - wanted->offset)
                return not_executed(REASON_MALFORMED);
        wanted->flags = implied_access(wanted->flags) | type;
        wanted->allowed |= type;
        if (wanted->flags & ~(wanted->allowed | MAP_LAYER))
                return not_executed(REASON_REFUSED);
        if (!wanted->address)
                wanted->address = range_choose(space, wanted->bytes, wanted->flags & MAP_LAYER);
        if (!wanted->address)
                return not_executed(REASON_NO_MEMORY);
        struct mapping *mapping, *before = mapping_before(space, wanted->address + wanted->bytes);
        if (before && mapping_end(before) > wanted->address)
                return not_executed(REASON_BUSY);
        if (!mmu_reserve(&space->mmu, wanted->address, wanted->bytes) ||
            !(mapping = account_alloc(space->account, sizeof(*mapping))))
                return not_executed(REASON_NO_MEMORY);
        mapping->space = space;
        mapping->memory = memory;
        mapping->offset = wanted->offset >> PAGE_SHIFT;
        mapping->pages = wanted->bytes >> PAGE_SHIFT;
        mapping->flags = (uint8_t)(wanted->flags & ~(unsigned)MAP_LAYER);
        mapping->allowed = (uint8_t)wanted->allowed;
        mapping_link(mapping, before, wanted->address);
        for (uint64_t i = 0; i < mapping->pages && i < MAP_EAGER_PAGES; i++)
                page_map(mapping, mapping->offset + i);
        return OUTCOME_OK;
}

static void page_unmap(struct space *space, uint64_t page)
{
        resolved_at(space, page)->key = 0;
        mmu_unmap(&space->mmu, page);
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
                uint64_t page = mapping->offset + i, address = page_address(mapping, page);
                paddr_t frame;
                unsigned flags;
                if (mmu_lookup(&mapping->space->mmu, address, &frame, &flags) &&
                    flags & MAP_WRITE) {
                        resolved_at(mapping->space, address)->key = 0;
                        page_map(mapping, page);
                }
                arch_preemption_point();
        }
}

void mapping_forget_page(struct mapping *mapping, uint64_t page)
{
        if (page >= mapping->offset && page - mapping->offset < mapping->pages)
                page_unmap(mapping->space, page_address(mapping, page));
}

static void mapping_free(struct mapping *mapping)
{
        struct memory *memory = mapping->memory;
        kassert(mapping->node.linked && !list_empty(&mapping->memory_link));
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
        kassert(pages > 0 && pages < mapping->pages);
        kassert(mapping->offset + mapping->pages <= mapping->memory->pages);
        struct mapping *rest = account_alloc(space->account, sizeof(*rest));
        if (!rest)
                return false;
        *rest = *mapping;
        rest->offset += pages;
        rest->pages -= pages;
        mapping->pages = pages;
        mapping_link(rest, mapping, address);
        return true;
}

/* Undoes a split. */
static void mapping_rejoin(struct mapping *mapping)
{
        struct mapping *rest = mapping_of(mapping->node.next);
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
                if (flags & MAP_UNCACHED & ~(unsigned)mapping->allowed)
                        return not_executed(REASON_MALFORMED);
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
                kassert(mapping && mapping_start(mapping) == at);
                mapping->flags = (uint8_t)(flags | (mapping->flags & MAP_UNCACHED));
                unmap_pages(space, at, mapping->pages);
                at = mapping_end(mapping);
        }
        return OUTCOME_OK;
}

const struct mapping *space_find(struct space *space, uint64_t address)
{
        const struct mapping *mapping = mapping_before(space, address + 1);
        if (mapping && mapping_end(mapping) > address)
                return mapping;
        return mapping_of(mapping ? mapping->node.next : space->mappings.first);
}

bool space_fault(struct space *space, uint64_t address, unsigned access)
{
        struct mapping *mapping = mapping_at(space, address);
        if (!mapping || !(mapping->flags & access))
                return false;
        uint64_t page = mapping->offset + ((address - mapping_start(mapping)) >> PAGE_SHIFT);
        kassert(page < mapping->memory->pages);
        if (access == MAP_WRITE && memory_page_shared(mapping->memory, page))
                memory_own_page(mapping->memory, page);
        page_map(mapping, page);
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
