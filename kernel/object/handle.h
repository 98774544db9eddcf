/* Handle tables: what a task holds. A handle is the index of a slot and its generation, so a handle
 * that was closed is an error, and never another object.
 *
 * A table grows by pages of 127 slots, charged to the task's account.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_HANDLE_H
#define KERNEL_OBJECT_HANDLE_H

#include "kernel/abi/memory.h"
#include "kernel/abi/outcome.h"
#include "kernel/object/object.h"

enum {
        HANDLE_INDEX_BITS = 16, /* slot in its page: the low 7; page: the rest */
        HANDLE_SLOT_BITS = 7,
        HANDLE_PAGE_SLOTS = 127,
        HANDLE_PAGES = 248, /* 31,496 handles a task */
};

struct handle_page {
        struct task *task;
        uint64_t first; /* index of slots[0] */
        uint64_t reserved[2];
        struct slot slots[HANDLE_PAGE_SLOTS];
};

_Static_assert(sizeof(struct handle_page) == PAGE_SIZE, "one page");

struct handle_table {
        struct handle_page **pages; /* HANDLE_PAGES pointers, in a cell of the account */
        unsigned page_count;
        struct slot *free;
        uint32_t used, free_count;
};

bool handle_table_init(struct task *task);
/* Empties all slots and frees the table. */
void handle_table_destroy(struct task *task);

/* The slot of a handle that holds an object or a reply (dead ones included); NULL if there is none.
 */
struct slot *handle_slot(struct task *task, handle_t handle);

/* The object of a handle, with type and rights checked: bad handle, wrong type, refused. */
outcome_t handle_object(struct task *task, handle_t handle, enum object_type type, uint16_t rights,
                        struct object **object);

/* Makes sure that `count` (at most HANDLE_PAGE_SLOTS) handles can be made without failing. */
bool handle_reserve(struct task *task, unsigned count);

/* A handle for the object; 0 if the table cannot grow. */
handle_t handle_insert(struct task *task, struct object *object, uint16_t rights);

/* The task whose table the slot is in, and its handle there. */
struct task *handle_owner(struct slot *slot, handle_t *handle);

/* ---- what the fast path does too: inline ---- */

static inline struct handle_page *handle_page_of(struct slot *slot)
{
        return (struct handle_page *)((uint64_t)slot & ~(PAGE_SIZE - 1ull));
}

/* The slot that the handle names, whatever its state; NULL: none. */
static inline struct slot *handle_lookup(const struct handle_table *table, handle_t handle)
{
        unsigned index = handle & ((1u << HANDLE_INDEX_BITS) - 1);
        unsigned page = index >> HANDLE_SLOT_BITS;
        unsigned number = index & ((1u << HANDLE_SLOT_BITS) - 1);
        if (page >= table->page_count || number >= HANDLE_PAGE_SLOTS)
                return NULL;
        struct slot *slot = &table->pages[page]->slots[number];
        return slot->generation == handle >> HANDLE_INDEX_BITS ? slot : NULL;
}

/* An empty slot, to be filled at once; there is one after handle_reserve. */
static inline struct slot *handle_take(struct handle_table *table, handle_t *handle)
{
        struct slot *slot = table->free;
        struct handle_page *page = handle_page_of(slot);
        table->free = slot->next_free;
        table->free_count--;
        table->used++;
        *handle = (handle_t)slot->generation << HANDLE_INDEX_BITS |
                  (unsigned)(page->first + (uint64_t)(slot - page->slots));
        return slot;
}

/* Puts a slot that slot_clear or slot_move left empty back on its table's free list, with a new
 * generation. */
static inline void handle_give(struct handle_table *table, struct slot *slot)
{
        slot->state = SLOT_FREE;
        if (++slot->generation == 0)
                slot->generation = 1;
        slot->next_free = table->free;
        table->free = slot;
        table->free_count++;
        table->used--;
}

/* The same, for who does not know the table. */
void handle_free(struct slot *slot);

#endif
