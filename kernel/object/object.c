/* Creation and end of objects, and the slots that refer to them. An object that loses its last slot
 * is put on a list and ended after the operation, never under a caller that has it in hand. */
#include "kernel/object/object.h"
#include "kernel/arch/arch.h"
#include "kernel/debug/panic.h"
#include "kernel/object/account_object.h"
#include "kernel/object/handle.h"
#include "kernel/sched/cpu.h"

static struct list releases = {&releases, &releases}; /* struct object.release_link */

void object_init(struct object *object, const struct object_type *type, struct account *account)
{
        static uint64_t last_identity;
        object->type = type;
        object->dying = false;
        object->account = account;
        object->identity = ++last_identity;
        list_init(&object->slots);
        list_init(&object->release_link);
        if (account)
                list_append(&account->objects, &object->account_link);
        else
                list_init(&object->account_link);
}

void object_destroy(struct object *object)
{
        if (object->dying)
                return;
        object->dying = true;
        object->type->destroy(object);
}

/* Empties the slots; `reason`, unless 0, stays in those that are handles. */
static void empty_slots(struct object *object, enum reason reason)
{
        while (!list_empty(&object->slots)) {
                struct slot *slot = container_of(object->slots.next, struct slot, link);
                bool in_table = slot->state == SLOT_HANDLE;
                slot_clear(slot);
                if (in_table && reason)
                        slot_set_dead(slot, reason);
                else if (in_table)
                        handle_free(slot);
        }
}

void object_free_dead(struct object *object, enum reason reason)
{
        struct account *account = object->account;
        object->dying = true;
        empty_slots(object, reason);
        list_remove(&object->release_link);
        list_remove(&object->account_link);
        account_free(account, object);
        object_released(account_object(account));
}

void object_free(struct object *object)
{
        object_free_dead(object, 0);
}

void object_released(struct object *object)
{
        if (list_empty(&object->slots) && list_empty(&object->release_link) && !object->dying) {
                list_append(&releases, &object->release_link);
                this_cpu()->work |= WORK_RELEASE;
        }
}

void objects_release(void)
{
        while (!list_empty(&releases)) {
                struct object *object = container_of(releases.next, struct object, release_link);
                list_remove(&object->release_link);
                if (list_empty(&object->slots))
                        object->type->unreferenced(object);
                arch_preemption_point();
        }
}

void slot_fill(struct slot *slot, enum slot_state state, struct object *object, uint16_t rights)
{
        kassert(slot->state == SLOT_FREE);
        slot->object = object;
        slot->state = (uint8_t)state;
        slot->kind = object->type->kind;
        slot->rights = rights;
        list_append(&object->slots, &slot->link);
}

void slot_clear(struct slot *slot)
{
        unsigned state = slot->state;
        struct object *object = slot->object;
        struct reply *reply = slot->reply;
        slot->state = SLOT_FREE;
        slot->object = NULL;
        list_remove(&slot->link);
        switch (state) {
        case SLOT_HANDLE:
        case SLOT_TRANSIT:
                object_released(object);
                break;
        case SLOT_REPLY:
        case SLOT_TRANSIT_REPLY:
                reply->slot = NULL;
                reply->dropped(reply);
                break;
        default:
                break;
        }
}

void slot_set_dead(struct slot *slot, enum reason reason)
{
        slot->state = SLOT_DEAD;
        slot->object = NULL;
        slot->rights = (uint16_t)reason;
}

void slot_move(struct slot *from, struct slot *to, enum slot_state state)
{
        kassert(to->state == SLOT_FREE || to->state == SLOT_RESERVED);
        to->object = from->object;
        to->rights = from->rights;
        to->state = (uint8_t)state;
        to->kind = from->kind;
        list_insert_before(&from->link, &to->link);
        list_remove(&from->link);
        if (slot_is_reply(to))
                to->reply->slot = to;
        from->object = NULL;
        from->state = SLOT_FREE;
}
