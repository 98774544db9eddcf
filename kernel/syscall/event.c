/* Events and watches. */
#include "kernel/arch/arch.h"
#include "kernel/ipc/event.h"
#include "kernel/ipc/port.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/wait.h"

/* The event, and the list of watches of the object, that a call names; the list is NULL if the
 * object has ended already. */
static outcome_t watch_arguments(struct thread *thread, uint16_t rights, struct event **event,
                                 struct list **watches)
{
        GET_OBJECT(thread, 1, event, rights, *event);
        struct slot *slot = handle_slot(&thread->task->handles, (handle_t)argument(thread, 0));
        *watches = NULL;
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
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

outcome_t syscall_watch(struct thread *thread)
{
        struct event *event;
        struct list *watches;
        uint64_t bits = argument(thread, 2);
        outcome_t outcome = watch_arguments(thread, RIGHT_SIGNAL | RIGHT_WAIT, &event, &watches);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!watches)
                event_signal(event, bits);
        else if (!watch_create(watches, event, bits))
                return not_executed(REASON_NO_MEMORY);
        return OUTCOME_OK;
}

outcome_t syscall_unwatch(struct thread *thread)
{
        struct event *event;
        struct list *watches;
        outcome_t outcome = watch_arguments(thread, RIGHT_SIGNAL, &event, &watches);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!watches || !watch_end(watches, event, argument(thread, 2)))
                return not_executed(REASON_NOT_FOUND);
        return OUTCOME_OK;
}

outcome_t syscall_event_create(struct thread *thread)
{
        struct event *event = event_create(thread->task->object.account);
        if (!event)
                return not_executed(REASON_NO_MEMORY);
        return give_handle(thread, &event->object,
                           RIGHT_SIGNAL | RIGHT_WAIT | RIGHT_COPY | RIGHT_TRAVEL | RIGHT_DESTROY);
}

outcome_t syscall_event_signal(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 0, event, RIGHT_SIGNAL, event);
        event_signal(event, argument(thread, 1));
        return OUTCOME_OK;
}

outcome_t syscall_event_wait(struct thread *thread)
{
        struct event *event;
        GET_OBJECT(thread, 0, event, RIGHT_WAIT, event);
        uint64_t wanted = argument(thread, 1), deadline = argument(thread, 2);
        uint64_t bits = event_take(event, wanted);
        if (bits) {
                thread->run.context.result = bits;
                return OUTCOME_OK;
        }
        if (deadline != TIME_NEVER && deadline <= clock_now())
                return not_executed(REASON_DEADLINE);
        thread->wanted_bits = wanted;
        thread_wait(thread, THREAD_WAITING, deadline);
        list_append(&event->waiters, &thread->run.queue_link);
        return OUTCOME_OK;
}
