/* Handle tables: what a task holds. A handle is the index of a slot and its generation, so using a
 * closed handle is an error and never reaches another object:
 *
 *      63             16 15     7 6        0
 *      | generation     | page   | slot     |
 *
 * A slot is used again as soon as it is free, each time with the next generation. After its last
 * one it is worn out and stays empty for ever: no number comes back.
 *
 * A table grows by pages of 102 slots, charged to an account.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_HANDLE_H
#define KERNEL_OBJECT_HANDLE_H

#include "kernel/abi/memory.h"
#include "kernel/abi/outcome.h"
#include "kernel/object/object.h"

enum {
        HANDLE_SLOT_BITS = 7,
        HANDLE_INDEX_BITS = 16,
        HANDLE_GENERATION = 1 << HANDLE_INDEX_BITS, /* from 1 */
        HANDLE_PAGE_SLOTS = 102,
        HANDLE_PAGES = 248, /* 25,296 handles a task */
};

struct handle_page {
        struct handle_table *table;
        uint64_t reserved;
        struct slot slots[HANDLE_PAGE_SLOTS];
};

_Static_assert(sizeof(struct handle_page) == PAGE_SIZE, "one page");
_Static_assert(HANDLE_PAGE_SLOTS <= 1 << HANDLE_SLOT_BITS &&
                   HANDLE_PAGES <= 1 << (HANDLE_INDEX_BITS - HANDLE_SLOT_BITS),
               "the index has room");

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

/* Makes sure that the next `count` handles (at most HANDLE_PAGE_SLOTS) can be had. */
bool handle_reserve(struct handle_table *table, unsigned count);

/* A handle for the object; 0 if the table cannot grow. */
handle_t handle_insert(struct handle_table *table, struct object *object, uint16_t rights);

/* ---- inline for the fast path ---- */

static inline struct handle_page *slot_page(struct slot *slot)
{
        return (struct handle_page *)((uint64_t)slot & ~(PAGE_SIZE - 1ull));
}

/* The table that the slot is in. */
static inline struct handle_table *handle_owner(struct slot *slot)
{
        return slot_page(slot)->table;
}

/* The slot that the handle names, in whatever state; NULL: none. */
static inline struct slot *handle_lookup(const struct handle_table *table, handle_t handle)
{
        unsigned page = handle % HANDLE_GENERATION >> HANDLE_SLOT_BITS;
        unsigned index = handle % (1u << HANDLE_SLOT_BITS);
        if (page >= table->page_count || index >= HANDLE_PAGE_SLOTS)
                return NULL;
        struct slot *slot = &table->pages[page]->slots[index];
        return slot->handle == handle ? slot : NULL;
}

/* An empty slot, to be filled at once. There is one after handle_reserve(). */
static inline struct slot *handle_take(struct handle_table *table)
{
        struct slot *slot = table->free;
        table->free = slot->next_free;
        table->free_count--;
        return slot;
}

/* The slot of no handle. */
extern struct slot handle_none;

/* For handle_recall(). */
struct slot *handle_search(const struct handle_table *table, handle_t handle, struct slot **last);

/* handle_lookup() where it was last time: a slot stays as long as its table, and its handle names
 * no other. */
static inline struct slot *handle_recall(const struct handle_table *table, handle_t handle,
                                         struct slot **last)
{
        struct slot *slot = *last;
        return __builtin_expect(slot->handle == handle, 1) ? slot
                                                           : handle_search(table, handle, last);
}

/* Gives the slot its next name. False: it is worn out, stays off the free list, and counts as used.
 */
static inline bool handle_renew(struct slot *slot)
{
        return __builtin_expect(
            !__builtin_add_overflow(slot->handle, HANDLE_GENERATION, &slot->handle), 1);
}

/* Empties a reply right's slot for the thread's next one. */
static inline void handle_keep(struct slot *slot, struct thread *keeper)
{
        slot->keeper = keeper;
        slot->content = SLOT_CONTENT(SLOT_KEPT, OBJECT_REPLY, 0);
        if (!handle_renew(slot))
                slot->state = SLOT_FREE;
}

/* Returns a slot that slot_clear() or slot_move() left empty to its table's free list, with a new
 * generation. */
static inline void handle_free(struct slot *slot)
{
        struct handle_table *table = handle_owner(slot);
        slot->state = SLOT_FREE;
        if (!handle_renew(slot))
                return;
        slot->next_free = table->free;
        table->free = slot;
        table->free_count++;
}

#endif
