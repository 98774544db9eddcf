/* Handle tables: what a task holds. A handle is the index of a slot and its generation, so a handle
 * that was closed is an error, and never another object.
 *
 * A table grows by pages of 127 slots, charged to the task's account.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_HANDLE_H
#define KERNEL_OBJECT_HANDLE_H

#include "kernel/abi/outcome.h"
#include "kernel/object/object.h"

enum {
        HANDLE_INDEX_BITS = 16,
        HANDLE_PAGE_SLOTS = 127,
        HANDLE_PAGES = 248, /* 31,496 handles a task */
};

struct handle_page;

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

/* An empty slot of the table, to be filled at once; there is one after handle_reserve. */
struct slot *handle_take(struct task *task, handle_t *handle);

/* The task whose table the slot is in, and its handle there. */
struct task *handle_owner(struct slot *slot, handle_t *handle);

/* Puts a slot that slot_clear or slot_move left empty back on its table's free list, with a new
 * generation. */
void handle_free(struct slot *slot);

#endif
