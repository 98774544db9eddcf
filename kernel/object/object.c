/* Creation and end of objects, and the slots that refer to them. An object that loses its last slot
 * is put on a list and ended after the operation, never under a caller that has it in hand. */
#include "kernel/object/object.h"
#include "kernel/include/arch/arch.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/mm/memory.h"
#include "kernel/object/account.h"
#include "kernel/object/device.h"
#include "kernel/object/handle.h"
#include "kernel/object/task.h"
#include "kernel/object/thread.h"
#include "kernel/sched/cpu.h"

struct object_type_operations {
        void (*destroy)(struct object *object);
        void (*unreferenced)(struct object *object);
};

static const struct object_type_operations operations[] = {
    [OBJECT_ACCOUNT] = {account_destroy, account_unreferenced},
    [OBJECT_TASK] = {task_destroy, task_unreferenced},
    [OBJECT_THREAD] = {thread_destroy, thread_unreferenced},
    [OBJECT_PORT] = {port_destroy, port_destroy},
    [OBJECT_RIGHT] = {right_destroy, right_unreferenced},
    [OBJECT_CALL] = {call_destroy, call_destroy},
    [OBJECT_EVENT] = {event_destroy, event_destroy},
    [OBJECT_MEMORY] = {memory_destroy, memory_unreferenced},
    [OBJECT_INTERRUPT] = {interrupt_destroy, interrupt_destroy},
    [OBJECT_IOPORT] = {object_free, object_free},
    [OBJECT_HARDWARE] = {object_free, object_free},
};

static struct list releases = {&releases, &releases}; /* struct object.release_link */

void object_init(struct object *object, enum object_type type, struct account *account)
{
        static uint64_t last_identity;
        object->type = (uint8_t)type;
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
        operations[object->type].destroy(object);
}

void object_free(struct object *object)
{
        object->dying = true;
        while (!list_empty(&object->slots)) {
                struct slot *slot = container_of(object->slots.next, struct slot, link);
                bool in_table = slot->state == SLOT_HANDLE;
                slot_clear(slot);
                if (in_table && object->type == OBJECT_RIGHT)
                        slot_set_dead(slot, container_of(object, struct right, object)->reason);
                else if (in_table)
                        handle_free(slot);
        }
        struct account *account = object->account;
        list_remove(&object->release_link);
        list_remove(&object->account_link);
        account_free(account, object);
        object_released(&account->object);
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
                        operations[object->type].unreferenced(object);
                arch_preemption_point();
        }
}

void slot_fill(struct slot *slot, enum slot_state state, struct object *object, uint16_t rights)
{
        slot->object = object;
        slot->state = (uint8_t)state;
        slot->rights = rights;
        if (slot_is_reply(slot)) {
                list_init(&slot->link);
                container_of(object, struct call, object)->reply = slot;
        } else {
                list_append(&object->slots, &slot->link);
        }
}

void slot_clear(struct slot *slot)
{
        unsigned state = slot->state;
        struct object *object = slot->object;
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
                call_reply_dropped(container_of(object, struct call, object));
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
        struct object *object = from->object;
        to->object = object;
        to->rights = from->rights;
        to->state = (uint8_t)state;
        if (slot_is_reply(to)) {
                list_init(&to->link);
                container_of(object, struct call, object)->reply = to;
        } else {
                list_insert_before(&from->link, &to->link);
        }
        list_remove(&from->link);
        from->object = NULL;
        from->state = SLOT_FREE;
}
