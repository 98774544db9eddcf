/* The pages of an anonymous object are found through directories of leaves of frame numbers, all
 * charged to the account: a directory is a page, or a cell if it has one leaf. A frame with
 * several owners is written by none: whoever shares one write-protects the mappings first
 * (memory_snapshot). */
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
        kassert(pages > 0);
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

/* The leaf of a page; NULL: there is none yet. */
static uint32_t *leaf_of(const struct memory *memory, uint64_t page)
{
        uint32_t **directory = memory->directories[page / MEMORY_DIRECTORY_PAGES];
        return directory ? directory[page % MEMORY_DIRECTORY_PAGES / MEMORY_LEAF_PAGES] : NULL;
}

static uint64_t entry_page(const struct memory *memory, const uint32_t *entry)
{
        const uint32_t *leaf = direct(page_down(direct_physical(entry)));
        uint64_t page = 0;
        while (leaf_of(memory, page) != leaf) {
                page += MEMORY_LEAF_PAGES;
                kassert(page < memory->pages);
        }
        return page + (uint64_t)(entry - leaf);
}

/* Copies a page to another frame: whoever has it mapped finds it again by a page fault. */
static void page_copy(struct memory *memory, uint64_t page, paddr_t to)
{
        kassert(page < memory->pages && to != memory_page(memory, page));
        list_for_each(link, &memory->mappings)
            mapping_forget_page(container_of(link, struct mapping, memory_link), page);
        memcpy(direct(to), direct(memory_page(memory, page)), PAGE_SIZE);
        entry_set(memory_entry(memory, page), to);
}

/* A frame_move. */
static void page_move(void *owner, paddr_t from, paddr_t to)
{
        const uint32_t *entry = owner;
        struct memory *memory = frame_owner(page_down(direct_physical(entry)));
        uint64_t page = entry_page(memory, entry);
        kassert(memory->kind == MEMORY_ANONYMOUS && memory_page(memory, page) == from);
        kassert(!frame_shared(from));
        page_copy(memory, page, to);
}

static void *table_take(struct account *account)
{
        paddr_t page = account_take_page(account);
        return page ? direct(page) : NULL;
}

static bool leaves_make(struct memory *memory)
{
        struct account *account = memory->object.account;
        uint64_t count = (memory->pages + MEMORY_DIRECTORY_PAGES - 1) / MEMORY_DIRECTORY_PAGES;
        memory->directories =
            count == 1 ? &memory->directory : account_alloc(account, count * sizeof(uint32_t **));
        for (uint64_t i = 0; memory->directories && i < memory->pages; i += MEMORY_LEAF_PAGES) {
                uint32_t ***directory = &memory->directories[i / MEMORY_DIRECTORY_PAGES];
                if (!*directory)
                        *directory = memory->pages <= MEMORY_LEAF_PAGES
                                         ? account_alloc(account, sizeof(uint32_t *))
                                         : table_take(account);
                uint32_t *leaf = *directory ? table_take(account) : NULL;
                if (!leaf)
                        return false;
                (*directory)[i % MEMORY_DIRECTORY_PAGES / MEMORY_LEAF_PAGES] = leaf;
                frame_set_owner(direct_physical(leaf), memory, false);
                arch_preemption_point();
        }
        return memory->directories;
}

/* Memory without frames yet. */
static struct memory *memory_new_anonymous(struct account *account, uint64_t pages)
{
        if (pages == 0 || pages > (uint64_t)MEMORY_DIRECTORIES * MEMORY_DIRECTORY_PAGES)
                return NULL;
        struct memory *memory = memory_new(account, MEMORY_ANONYMOUS, pages);
        if (!memory || leaves_make(memory))
                return memory;
        object_destroy(&memory->object);
        return NULL;
}

struct memory *memory_create(struct account *account, uint64_t pages, paddr_t start)
{
        if (!start && pages > (account->limit - account->used) >> PAGE_SHIFT)
                return NULL; /* now, and not when all that is left has been cleared */
        struct memory *memory = memory_new_anonymous(account, pages);
        for (uint64_t i = 0; memory && i < pages; i++) {
                paddr_t page = start ? start + (i << PAGE_SHIFT) : account_take_page(account);
                if (!page) {
                        object_destroy(&memory->object);
                        return NULL;
                }
                entry_set(memory_entry(memory, i), page);
                arch_preemption_point();
        }
        return memory;
}

struct memory *memory_create_dma(struct account *account, uint64_t pages)
{
        unsigned order = 0;
        while (order < FRAME_ORDERS && 1ull << order < pages)
                order++;
        if (pages == 0 || order == FRAME_ORDERS)
                return NULL;
        struct memory *memory = memory_new(account, MEMORY_DMA, 1ull << order);
        if (!memory)
                return NULL;
        if (account_charge(account, memory->pages << PAGE_SHIFT)) {
                memory->base = frame_take(order, true) ?: frame_clear(order, page_move);
                if (!memory->base)
                        account_uncharge(account, memory->pages << PAGE_SHIFT);
        }
        if (!memory->base) {
                object_destroy(&memory->object);
                return NULL;
        }
        kassert(memory->base + (memory->pages << PAGE_SHIFT) <= 1ull << 32);
        kassert(memory->base % (PAGE_SIZE << order) == 0);
        memory->order = (uint8_t)order;
        for (uint64_t i = 0; i < memory->pages; i++) {
                memset(direct(memory_page(memory, i)), 0, PAGE_SIZE);
                arch_preemption_point();
        }
        return memory;
}

struct memory *memory_create_device(struct account *account, paddr_t base, uint64_t pages)
{
        struct memory *memory = memory_new(account, MEMORY_DEVICE, pages);
        kassert(base % PAGE_SIZE == 0 && !frame_is_ram(base, base + (pages << PAGE_SHIFT)));
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
        memory->shared = copy->shared = true;
        for (uint64_t i = 0; i < copy->pages; i++) {
                uint32_t frame = *memory_entry(memory, i);
                kassert(frame);
                frame_share((paddr_t)frame << PAGE_SHIFT);
                *memory_entry(copy, i) = frame;
                arch_preemption_point();
        }
        list_for_each(link, &memory->mappings)
            mapping_write_protect(container_of(link, struct mapping, memory_link));
        return copy;
}

void memory_own_page(struct memory *memory, uint64_t page)
{
        paddr_t shared = memory_page(memory, page), own = frame_take(0, false);
        kassert(memory_page_shared(memory, page));
        kassert(own);
        page_copy(memory, page, own);
        frame_drop(shared);
}

/* Also of an object that was not finished. */
static void free_anonymous(struct memory *memory)
{
        struct account *account = memory->object.account;
        uint32_t *leaf;
        for (uint64_t at = 0; at < memory->pages && (leaf = leaf_of(memory, at));
             at += MEMORY_LEAF_PAGES) {
                for (unsigned i = 0; i < MEMORY_LEAF_PAGES && leaf[i]; i++) {
                        frame_drop((paddr_t)leaf[i] << PAGE_SHIFT);
                        account_uncharge(account, PAGE_SIZE);
                        arch_preemption_point();
                }
                account_give_page(account, direct_physical(leaf));
        }
        for (uint64_t i = 0; i < memory->pages; i += MEMORY_DIRECTORY_PAGES) {
                uint32_t **directory = memory->directories[i / MEMORY_DIRECTORY_PAGES];
                if (directory && memory->pages <= MEMORY_LEAF_PAGES)
                        account_free(account, directory);
                else if (directory)
                        account_give_page(account, direct_physical(directory));
        }
        if (memory->directories != &memory->directory)
                account_free(account, memory->directories);
}

static void memory_destroy(struct object *object)
{
        struct memory *memory = container_of(object, struct memory, object);
        while (!list_empty(&memory->mappings))
                mapping_destroy(container_of(memory->mappings.next, struct mapping, memory_link));
        if (memory->kind == MEMORY_ANONYMOUS && memory->directories)
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
