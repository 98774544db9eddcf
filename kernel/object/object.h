/* What all kernel objects have in common: a type, the account that pays for them, and the slots
 * that refer to them.
 *
 * There are no reference counts. Whatever refers to an object is linked into one of its lists:
 * handles and capabilities in transit into `slots`, bindings of an event, mappings of memory,
 * watches of a right. So an object can be destroyed at any time, for instance by its account, even
 * if others hold handles: it walks its lists and leaves no pointer behind. A stale handle is
 * recognised by the generation of its slot.
 *
 * An object ends in one of two ways: object_destroy() by force, or `unreferenced` when its last
 * slot is gone. What the latter means depends on the type: a task with living threads stays, a port
 * dies. It is not done at once, but by objects_release() at the end of the entry into the kernel:
 * emptying a slot never ends an object that a caller up the stack still uses, and a chain of
 * objects that hold each other needs no recursion.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_OBJECT_OBJECT_H
#define KERNEL_OBJECT_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "kernel/lib/list.h"

struct account;
struct object;
struct thread;

/* What distinguishes the objects of one kind. */
struct object_type {
        uint8_t kind; /* enum object_kind */
        bool bound;   /* its only handle stays in one table, and the object dies with that */
        void (*destroy)(struct object *object);      /* ends with object_free() */
        void (*unreferenced)(struct object *object); /* the last slot is gone */
};

struct object {
        const struct object_type *type;
        bool dying; /* being destroyed: losing its last slot means nothing any more */
        struct account *account;
        struct list account_link; /* in account->objects */
        struct list slots;        /* struct slot.link */
        struct list release_link; /* until objects_release() */
        uint64_t identity;        /* unique since boot */
};

enum slot_state {
        SLOT_FREE = 0,
        SLOT_HANDLE,   /* a handle in a table */
        SLOT_REPLY,    /* a handle that is a reply right */
        SLOT_DEAD,     /* its object has ended; `rights` is the enum reason */
        SLOT_RESERVED, /* its content is in transit, and comes back if delivery fails */
        SLOT_TRANSIT,  /* no handle: held by the kernel, in a message or for a fault handler */
        SLOT_TRANSIT_REPLY,
        SLOT_KEPT, /* no handle: kept by a thread for its next reply right */
};

struct slot {
        union {
                struct object *object;
                struct reply *reply; /* SLOT_REPLY, SLOT_TRANSIT_REPLY */
                struct slot *next_free;
                struct thread *keeper; /* SLOT_KEPT: the thread whose reply_slot this is */
                uint64_t badge;        /* SLOT_DEAD, of a reply: by which the call came */
        };
        struct list link; /* in object->slots; of a reply, also a dead one, in port->disowned */
        handle_t handle;  /* of a slot in a table: its current name */
        union {
                struct {
                        uint16_t rights;
                        uint8_t state; /* enum slot_state */
                        uint8_t kind;  /* enum object_kind, of what it holds or held */
                };
                uint32_t content; /* SLOT_CONTENT(), for the fast path */
        };
        uint32_t reserved;
};

#define SLOT_CONTENT(state, kind, rights)                                                          \
        ((uint32_t)(rights) | (uint32_t)(state) << 16 | (uint32_t)(kind) << 24)

/* The other end of a reply right, embedded in a call: the two point to each other. */
struct reply {
        struct slot *slot;                    /* NULL: there is no reply right */
        void (*dropped)(struct reply *reply); /* the slot was emptied without an answer */
};

_Static_assert(sizeof(struct slot) == 40, "102 slots and a header fill a page");

/* Gives the object its identity and makes the account its owner. */
void object_init(struct object *object, const struct object_type *type, struct account *account);

/* Destroys the object by force; `object` is invalid afterwards. */
void object_destroy(struct object *object);

/* For the types' destroy functions: empties all slots that refer to the object, takes it from its
 * account and frees its memory. */
void object_free(struct object *object);

/* The same, but the handles stay until they are closed, and say why the object has ended. */
void object_free_dead(struct object *object, enum reason reason);

/* A slot, or something else that kept the object alive, is gone. */
void object_released(struct object *object);

/* Ends objects that nothing refers to. May end the current thread. */
void objects_release(void);

static inline bool object_is_released(const struct object *object)
{
        return !list_empty(&object->release_link);
}

/* ---- slots ---- */

/* Fills an empty slot. */
void slot_fill(struct slot *slot, enum slot_state state, struct object *object, uint16_t rights);

/* Empties a slot, with all consequences: an object may lose its last slot, a reply be dropped. The
 * state is SLOT_FREE then; if the slot belongs to a table, handle_free() returns it. */
void slot_clear(struct slot *slot);

/* Turns a handle into one that says why its object ended, until it is closed. */
void slot_set_dead(struct slot *slot, enum reason reason);

/* Moves the content of `from` to the empty slot `to`, which gets the state; nobody is notified. */
void slot_move(struct slot *from, struct slot *to, enum slot_state state);

/* All that a handle has to be, in one comparison. */
static inline bool slot_holds(const struct slot *slot, unsigned kind, unsigned right)
{
        return (slot->content & SLOT_CONTENT(0xff, 0xff, right)) ==
               SLOT_CONTENT(SLOT_HANDLE, kind, right);
}

static inline bool slot_is_handle(const struct slot *slot)
{
        return slot->state == SLOT_HANDLE || slot->state == SLOT_REPLY || slot->state == SLOT_DEAD;
}

static inline bool slot_is_reply(const struct slot *slot)
{
        return slot->state == SLOT_REPLY || slot->state == SLOT_TRANSIT_REPLY;
}

#endif
