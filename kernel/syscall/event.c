/* Events and watches. */
#include "kernel/arch/arch.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/arch/fast.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

/* The list of watches of the object that a handle stands for; NULL if it has ended already. */
static outcome_t watches_find(const struct slot *slot, struct list **watches)
{
        *watches = NULL;
        if (slot->state == SLOT_DEAD)
                return OUTCOME_OK;
        if (slot->state == SLOT_HANDLE && slot->object->type == &right_type) {
                struct right *right = container_of(slot->object, struct right, object);
                *watches = right->port ? &right->watches : NULL;
        } else if (slot->state == SLOT_HANDLE && slot->object->type == &task_type) {
                struct task *task = container_of(slot->object, struct task, object);
                *watches = task->alive ? &task->watches : NULL;
        } else {
                return not_executed(REASON_WRONG_TYPE);
        }
        return OUTCOME_OK;
}

HANDLER(watch)
{
        struct list *watches;
        outcome_t outcome = watches_find(handle, &watches);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!watches)
                event_signal(event, bits);
        else if (!watch_create(watches, event, bits))
                return not_executed(REASON_NO_MEMORY);
        return OUTCOME_OK;
}

HANDLER(unwatch)
{
        struct list *watches;
        outcome_t outcome = watches_find(handle, &watches);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!watches || !watch_end(watches, event, bits))
                return not_executed(REASON_NOT_FOUND);
        return OUTCOME_OK;
}

HANDLER(event_create)
{
        struct event *event = event_create(caller->task->object.account);
        if (!event)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(caller, &event->object,
                           RIGHT_SIGNAL | RIGHT_WAIT | RIGHT_COPY | RIGHT_TRAVEL | RIGHT_DESTROY);
}

HANDLER(event_signal)
{
        event_signal(event, bits);
        return OUTCOME_OK;
}

HANDLER(event_wait)
{
        uint64_t taken = event_take(event, bits);
        if (taken) {
                caller->run.context.result = taken;
                return OUTCOME_OK;
        }
        if (deadline <= clock_quick())
                return not_executed(REASON_DEADLINE);
        caller->wanted_bits = bits;
        list_append(&event->waiters, &caller->run.queue_link);
        timer_set(&caller->call.timer, deadline);
        sched_leave(&caller->run, THREAD_WAITING);
        return OUTCOME_OK;
}
