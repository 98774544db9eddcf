/* Handle tables: what a task holds. A handle is the index of a slot and its generation, so using a
 * closed handle is an error and never reaches another object.
 *
 * A table grows by pages of 127 slots, charged to an account.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_HANDLE_H
#define KERNEL_OBJECT_HANDLE_H

#include "kernel/abi/memory.h"
#include "kernel/abi/outcome.h"
#include "kernel/object/object.h"

enum {
        HANDLE_SLOT_BITS = 7, /* of the index: slot in its page, from 1; page: the rest */
        HANDLE_PAGE_SLOTS = 127,
        HANDLE_PAGES = 248, /* 31,496 handles a task */
};

/* The header takes the place of slot 0, and reads as a free slot. */
struct handle_page {
        struct handle_table *table;
        uint64_t reserved[3];
        struct slot slots[HANDLE_PAGE_SLOTS];
};

_Static_assert(sizeof(struct handle_page) == PAGE_SIZE, "one page");
_Static_assert(offsetof(struct handle_page, slots) == sizeof(struct slot), "slots from 1 on");

struct handle_table {
        struct account *account;
        struct handle_page **pages; /* HANDLE_PAGES pointers, in a cell of the account */
        unsigned page_count;
        struct slot *free;
        uint32_t free_count;
};

/* False: account used up; what there is has to be destroyed. */
bool handle_table_init(struct handle_table *table, struct account *account);
/* Empties all slots and frees the table. Does nothing if it has been done. */
void handle_table_destroy(struct handle_table *table);

static inline uint32_t handles_used(const struct handle_table *table)
{
        return table->page_count * HANDLE_PAGE_SLOTS - table->free_count;
}

/* The slot of a handle to an object or a reply, even a dead one; NULL if there is none. */
struct slot *handle_slot(struct handle_table *table, handle_t handle);

/* The object of a handle, with type and rights checked: bad handle, wrong type, refused. */
outcome_t handle_object(struct handle_table *table, handle_t handle, const struct object_type *type,
                        uint16_t rights, struct object **object);

/* The same, if more is needed of the handle than its object. */
outcome_t handle_check(struct handle_table *table, handle_t handle, const struct object_type *type,
                       uint16_t rights, struct slot **slot);

/* Makes sure that the next `count` handles (at most HANDLE_PAGE_SLOTS) can be had. */
bool handle_reserve(struct handle_table *table, unsigned count);

/* A handle for the object; 0 if the table cannot grow. */
handle_t handle_insert(struct handle_table *table, struct object *object, uint16_t rights);

/* The table that the slot is in, and its handle there. */
struct handle_table *handle_owner(struct slot *slot, handle_t *handle);

/* ---- inline for the fast path ---- */

static inline struct handle_page *slot_page(struct slot *slot)
{
        return (struct handle_page *)((uint64_t)slot & ~(PAGE_SIZE - 1ull));
}

/* The slot that the handle names, in whatever state; NULL: none. */
static inline struct slot *handle_lookup(const struct handle_table *table, handle_t handle)
{
        unsigned page =
            handle >> HANDLE_SLOT_BITS & ((1u << (HANDLE_INDEX_BITS - HANDLE_SLOT_BITS)) - 1);
        if (page >= table->page_count)
                return NULL;
        struct slot *slot =
            (struct slot *)table->pages[page] + (handle & ((1u << HANDLE_SLOT_BITS) - 1));
        return slot->handle == handle ? slot : NULL;
}

/* An empty slot, to be filled at once. There is one after handle_reserve(). */
static inline struct slot *handle_take(struct handle_table *table, handle_t *handle)
{
        struct slot *slot = table->free;
        table->free = slot->next_free;
        table->free_count--;
        *handle = slot->handle;
        return slot;
}

/* Returns a slot that slot_clear() or slot_move() left empty to the free list, with a new
 * generation. */
static inline void handle_give(struct handle_table *table, struct slot *slot)
{
        slot->state = SLOT_FREE;
        if (++slot->generation == 0)
                slot->generation = 1;
        slot->next_free = table->free;
        table->free = slot;
        table->free_count++;
}

/* The same without knowing the table. */
static inline void handle_free(struct slot *slot)
{
        handle_give(slot_page(slot)->table, slot);
}

#endif
