/* The pages of an anonymous object are found through a directory of leaves of frame numbers, both
 * charged to the object's account. A frame with several owners is written by none: whoever shares
 * one write-protects the mappings first (memory_snapshot). */
#include "kernel/mm/memory.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/lib/string.h"
#include "kernel/account/frame.h"
#include "kernel/mm/space.h"
#include "kernel/account/account.h"

static struct memory *memory_new(struct account *account, enum memory_kind kind, uint64_t pages)
{
        struct memory *memory = account_alloc(account, sizeof(*memory));
        if (!memory)
                return NULL;
        object_init(&memory->object, &memory_type, account);
        memory->kind = (uint8_t)kind;
        memory->pages = pages;
        list_init(&memory->mappings);
        return memory;
}

/* ---- who has a frame: the entry that names it; of a leaf, the object ---- */

static void entry_set(uint32_t *entry, paddr_t page)
{
        *entry = (uint32_t)(page >> PAGE_SHIFT);
        frame_set_owner(page, entry, true);
}

static uint64_t entry_page(const struct memory *memory, const uint32_t *entry)
{
        const uint32_t *leaf = direct(page_down(direct_physical(entry)));
        uint64_t index = 0;
        while (memory->leaf[index] != leaf)
                index++;
        return index * MEMORY_LEAF_PAGES + (uint64_t)(entry - leaf);
}

/* A frame_move: whoever has the page mapped finds it again by a page fault. */
static void page_move(void *owner, paddr_t from, paddr_t to)
{
        uint32_t *entry = owner;
        const struct memory *memory = frame_owner(page_down(direct_physical(entry)));
        uint64_t page = entry_page(memory, entry);
        list_for_each(link, &memory->mappings)
            mapping_forget_page(container_of(link, struct mapping, memory_link), page);
        memcpy(direct(to), direct(from), PAGE_SIZE);
        entry_set(entry, to);
}

/* Memory with a directory but no frames yet. */
static struct memory *memory_new_anonymous(struct account *account, uint64_t pages)
{
        if (pages == 0 || pages > MEMORY_PAGES_MAX)
                return NULL;
        struct memory *memory = memory_new(account, MEMORY_ANONYMOUS, pages);
        if (!memory)
                return NULL;
        unsigned leaves = (unsigned)((pages + MEMORY_LEAF_PAGES - 1) / MEMORY_LEAF_PAGES);
        memory->leaf = account_alloc(account, leaves * sizeof(uint32_t *));
        for (unsigned i = 0; memory->leaf && i < leaves; i++) {
                paddr_t leaf = account_take_page(account);
                if (!leaf) {
                        object_destroy(&memory->object);
                        return NULL;
                }
                memory->leaf[i] = direct(leaf);
                frame_set_owner(leaf, memory, false);
        }
        if (!memory->leaf) {
                object_destroy(&memory->object);
                return NULL;
        }
        return memory;
}

struct memory *memory_create(struct account *account, uint64_t pages)
{
        struct memory *memory = memory_new_anonymous(account, pages);
        for (uint64_t i = 0; memory && i < pages; i++) {
                paddr_t page = account_take_page(account);
                if (!page) {
                        object_destroy(&memory->object);
                        return NULL;
                }
                entry_set(memory_entry(memory, i), page);
                arch_preemption_point();
        }
        return memory;
}

struct memory *memory_adopt(struct account *account, paddr_t start, uint64_t pages)
{
        struct memory *memory = memory_new_anonymous(account, pages);
        for (uint64_t i = 0; memory && i < pages; i++)
                entry_set(memory_entry(memory, i), start + (i << PAGE_SHIFT));
        return memory;
}

struct memory *memory_create_dma(struct account *account, uint64_t pages)
{
        unsigned order = 0;
        while (order < FRAME_ORDERS && 1ull << order < pages)
                order++;
        if (pages == 0 || order == FRAME_ORDERS ||
            !account_charge(account, (uint64_t)PAGE_SIZE << order))
                return NULL;
        paddr_t base = frame_take(order, true);
        if (!base)
                base = frame_clear(order, page_move);
        struct memory *memory = base ? memory_new(account, MEMORY_DMA, 1ull << order) : NULL;
        if (!memory) {
                if (base)
                        frame_give(base, order);
                account_uncharge(account, (uint64_t)PAGE_SIZE << order);
                return NULL;
        }
        for (uint64_t i = 0; i < memory->pages; i++) {
                memset(direct(base + (i << PAGE_SHIFT)), 0, PAGE_SIZE);
                arch_preemption_point();
        }
        memory->base = base;
        memory->order = (uint8_t)order;
        return memory;
}

struct memory *memory_create_device(struct account *account, paddr_t base, uint64_t pages)
{
        struct memory *memory = memory_new(account, MEMORY_DEVICE, pages);
        if (memory)
                memory->base = base;
        return memory;
}

struct memory *memory_snapshot(struct memory *memory, struct account *account)
{
        kassert(memory->kind == MEMORY_ANONYMOUS);
        struct memory *copy = memory_new_anonymous(account, memory->pages);
        if (!copy)
                return NULL;
        if (!account_charge(account, copy->pages << PAGE_SHIFT)) {
                object_destroy(&copy->object);
                return NULL;
        }
        for (uint64_t i = 0; i < copy->pages; i++) {
                uint32_t frame = *memory_entry(memory, i);
                frame_share((paddr_t)frame << PAGE_SHIFT);
                *memory_entry(copy, i) = frame;
                arch_preemption_point();
        }
        list_for_each(link, &memory->mappings)
            mapping_write_protect(container_of(link, struct mapping, memory_link));
        return copy;
}

bool memory_page_shared(const struct memory *memory, uint64_t page)
{
        return memory->kind == MEMORY_ANONYMOUS && frame_shared(memory_page(memory, page));
}

paddr_t memory_own_page(struct memory *memory, uint64_t page)
{
        paddr_t shared = memory_page(memory, page);
        paddr_t own = frame_take(0, false);
        kassert(own);
        memcpy(direct(own), direct(shared), PAGE_SIZE);
        frame_drop(shared);
        entry_set(memory_entry(memory, page), own);
        return own;
}

static void free_anonymous(struct memory *memory)
{
        struct account *account = memory->object.account;
        for (uint64_t i = 0; i < memory->pages; i++) {
                uint32_t *leaf = memory->leaf[i / MEMORY_LEAF_PAGES];
                if (!leaf || !leaf[i % MEMORY_LEAF_PAGES])
                        break;
                frame_drop(memory_page(memory, i));
                account_uncharge(account, PAGE_SIZE);
                arch_preemption_point();
        }
        for (uint64_t i = 0; i * MEMORY_LEAF_PAGES < memory->pages && memory->leaf[i]; i++)
                account_give_page(account, direct_physical(memory->leaf[i]));
        account_free(account, memory->leaf);
}

static void memory_destroy(struct object *object)
{
        struct memory *memory = container_of(object, struct memory, object);
        while (!list_empty(&memory->mappings))
                mapping_destroy(container_of(memory->mappings.next, struct mapping, memory_link));
        if (memory->kind == MEMORY_ANONYMOUS && memory->leaf)
                free_anonymous(memory);
        if (memory->kind == MEMORY_DMA && memory->base) {
                frame_give(memory->base, memory->order);
                account_uncharge(object->account, memory->pages << PAGE_SHIFT);
        }
        object_free(object);
}

static void memory_unreferenced(struct object *object)
{
        if (list_empty(&container_of(object, struct memory, object)->mappings))
                object_destroy(object);
}

const struct object_type memory_type = {
    .kind = OBJECT_MEMORY,
    .destroy = memory_destroy,
    .unreferenced = memory_unreferenced,
};
