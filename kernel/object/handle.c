/* Handle tables: pages of slots and one free list. A slot changes its generation when it is freed,
 * so that no handle given out before names what it holds next. */
#include "kernel/object/handle.h"
#include "kernel/include/string.h"
#include "kernel/object/account.h"
#include "kernel/object/task.h"

bool handle_table_init(struct task *task)
{
        task->handles.pages =
            account_alloc(task->object.account, HANDLE_PAGES * sizeof(struct handle_page *));
        return task->handles.pages && handle_reserve(task, 1);
}

/* A call object points to its task and has no other handle: it must not outlive the table. */
static void slot_end(struct slot *slot)
{
        if (slot->state == SLOT_HANDLE && slot->object->type == OBJECT_CALL)
                object_destroy(slot->object);
        else
                slot_clear(slot);
}

void handle_table_destroy(struct task *task)
{
        struct handle_table *table = &task->handles;
        if (!table->pages)
                return;
        for (unsigned i = 0; i < table->page_count; i++)
                for (unsigned j = 0; j < HANDLE_PAGE_SLOTS; j++)
                        slot_end(&table->pages[i]->slots[j]);
        for (unsigned i = 0; i < table->page_count; i++)
                account_give_page(task->object.account, direct_physical(table->pages[i]));
        account_free(task->object.account, table->pages);
        *table = (struct handle_table){0};
}

static bool table_grow(struct task *task)
{
        struct handle_table *table = &task->handles;
        if (table->page_count == HANDLE_PAGES)
                return false;
        paddr_t physical = account_take_page(task->object.account);
        if (!physical)
                return false;
        struct handle_page *page = direct(physical);
        page->task = task;
        for (unsigned i = HANDLE_PAGE_SLOTS; i-- > 0;) {
                page->slots[i].index = (uint16_t)(table->page_count << HANDLE_SLOT_BITS | (i + 1));
                page->slots[i].generation = 1;
                list_init(&page->slots[i].link);
                page->slots[i].next_free = table->free;
                table->free = &page->slots[i];
        }
        table->pages[table->page_count++] = page;
        table->free_count += HANDLE_PAGE_SLOTS;
        return true;
}

struct slot *handle_slot(struct task *task, handle_t handle)
{
        struct slot *slot = handle_lookup(&task->handles, handle);
        if (!slot || slot->state == SLOT_FREE || slot->state == SLOT_RESERVED)
                return NULL;
        return slot;
}

outcome_t handle_check(struct task *task, handle_t handle, enum object_type type, uint16_t rights,
                       struct slot **result)
{
        struct slot *slot = *result = handle_lookup(&task->handles, handle);
        if (!slot || slot->state == SLOT_FREE || slot->state == SLOT_RESERVED)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state == SLOT_DEAD)
                return not_executed(slot->rights);
        if (slot->state != SLOT_HANDLE || slot->object->type != type)
                return not_executed(REASON_WRONG_TYPE);
        return (slot->rights & rights) == rights ? OUTCOME_OK : not_executed(REASON_REFUSED);
}

outcome_t handle_object(struct task *task, handle_t handle, enum object_type type, uint16_t rights,
                        struct object **object)
{
        struct slot *slot;
        outcome_t outcome = handle_check(task, handle, type, rights, &slot);
        if (outcome == OUTCOME_OK)
                *object = slot->object;
        return outcome;
}

bool handle_reserve(struct task *task, unsigned count)
{
        return task->handles.free_count >= count || table_grow(task);
}

struct task *handle_owner(struct slot *slot, handle_t *handle)
{
        *handle = slot->handle;
        return slot_page(slot)->task;
}

handle_t handle_insert(struct task *task, struct object *object, uint16_t rights)
{
        handle_t handle;
        if (!handle_reserve(task, 1))
                return 0;
        slot_fill(handle_take(&task->handles, &handle), SLOT_HANDLE, object, rights);
        return handle;
}

void handle_free(struct slot *slot)
{
        handle_give(&slot_page(slot)->task->handles, slot);
}
