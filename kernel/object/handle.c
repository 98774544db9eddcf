/* Handle tables: pages of slots and one free list. A slot changes its generation when it is freed,
 * so that no handle given out before names what it holds next. */
#include "kernel/object/handle.h"
#include "kernel/lib/string.h"
#include "kernel/account/account.h"

struct slot handle_none;

bool handle_table_init(struct handle_table *table, struct account *account)
{
        table->account = account;
        table->pages = account_alloc(account, HANDLE_PAGES * sizeof(struct handle_page *));
        return table->pages && handle_reserve(table, 1);
}

static void slot_end(struct slot *slot)
{
        if (slot->state == SLOT_HANDLE && slot->object->type->bound)
                object_destroy(slot->object);
        else
                slot_clear(slot);
}

void handle_table_destroy(struct handle_table *table)
{
        if (!table->pages)
                return;
        for (unsigned i = 0; i < table->page_count; i++)
                for (unsigned j = 0; j < HANDLE_PAGE_SLOTS; j++)
                        slot_end(&table->pages[i]->slots[j]);
        for (unsigned i = 0; i < table->page_count; i++)
                account_give_page(table->account, direct_physical(table->pages[i]));
        account_free(table->account, table->pages);
        *table = (struct handle_table){0};
}

static bool table_grow(struct handle_table *table)
{
        if (table->page_count == HANDLE_PAGES)
                return false;
        paddr_t physical = account_take_page(table->account);
        if (!physical)
                return false;
        struct handle_page *page = direct(physical);
        page->table = table;
        for (unsigned i = HANDLE_PAGE_SLOTS; i-- > 0;) {
                page->slots[i].handle =
                    HANDLE_GENERATION | table->page_count << HANDLE_SLOT_BITS | i;
                list_init(&page->slots[i].link);
                page->slots[i].next_free = table->free;
                table->free = &page->slots[i];
        }
        table->pages[table->page_count++] = page;
        table->free_count += HANDLE_PAGE_SLOTS;
        return true;
}

struct slot *handle_slot(struct handle_table *table, handle_t handle)
{
        struct slot *slot = handle_lookup(table, handle);
        return slot && slot_is_handle(slot) ? slot : NULL;
}

struct slot *handle_search(const struct handle_table *table, handle_t handle, struct slot **last)
{
        struct slot *slot = handle_lookup(table, handle);
        return *last = slot ? slot : &handle_none;
}

/* Why a slot is not what is asked for. */
static __attribute__((noinline)) outcome_t refusal(const struct slot *slot, unsigned kind)
{
        if (!slot || !slot_is_handle(slot))
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state == SLOT_DEAD)
                return not_executed(slot->rights);
        return not_executed(slot_holds(slot, kind, 0) ? REASON_REFUSED : REASON_WRONG_TYPE);
}

outcome_t handle_object(struct handle_table *table, handle_t handle, const struct object_type *type,
                        uint16_t rights, struct object **object)
{
        const struct slot *slot = handle_lookup(table, handle);
        if (!slot || !slot_holds(slot, type->kind, rights))
                return refusal(slot, type->kind);
        *object = slot->object;
        return OUTCOME_OK;
}

bool handle_reserve(struct handle_table *table, unsigned count)
{
        return table->free_count >= count || table_grow(table);
}

handle_t handle_insert(struct handle_table *table, struct object *object, uint16_t rights)
{
        if (!handle_reserve(table, 1))
                return 0;
        struct slot *slot = handle_take(table);
        slot_fill(slot, SLOT_HANDLE, object, rights);
        return slot->handle;
}
