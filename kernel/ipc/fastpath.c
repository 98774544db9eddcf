#include "kernel/ipc/fastpath.h"
#include "kernel/include/arch/arch.h"
#include "kernel/include/string.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/object/handle.h"
#include "kernel/object/task.h"
#include "kernel/object/thread.h"
#include "kernel/sched/cpu.h"
#include "kernel/sched/sched.h"

/* No capabilities, no flags, at most eight words; `outcome` is looked at by the caller. */
static bool header_is_short(uint64_t header)
{
        return !(header >> 36 & 0xfff) && message_words(header) <= MESSAGE_WORDS;
}

static void copy_words(struct context *to, const struct context *from, unsigned count)
{
        memcpy(to->word, from->word, count * sizeof(to->word[0]));
        memset(to->word + count, 0, (MESSAGE_WORDS - count) * sizeof(to->word[0]));
}

/* The current thread has blocked in `state`; `next` runs. */
static void switch_threads(struct cpu *cpu, struct thread *thread, enum thread_state state,
                           struct thread *next, uint64_t now)
{
        thread->state = (uint8_t)state;
        next->state = THREAD_READY;
        sched_run(cpu, next, now);
}

bool fastpath_call(struct thread *thread)
{
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->context;
        uint64_t header = from->rdx;
        struct slot *slot = handle_lookup(&thread->task->handles, (handle_t)from->rdi);
        if (!header_is_short(header) || message_outcome(header) || !message_interface(header) ||
            !slot || slot->state != SLOT_HANDLE || slot->object->type != OBJECT_RIGHT ||
            !(slot->rights & RIGHT_SEND))
                return false;
        struct right *right = container_of(slot->object, struct right, object);
        struct port *port = right->port;
        if (!port || list_empty(&port->receivers) || port->detail)
                return false;
        struct thread *receiver = container_of(port->receivers.next, struct thread, queue_link);
        unsigned priority = receiver->base_priority;
        if (thread->priority > priority)
                priority = thread->priority;
        uint64_t now = clock_now(), deadline = from->r10;
        if (deadline > thread->inherited_deadline)
                deadline = thread->inherited_deadline;
        if (deadline <= now || receiver->stop_wanted || !receiver->task->handles.free_count ||
            cpu->highest_ready > (int)priority)
                return false;

        /* The point of no return. */
        struct call *call = &thread->call;
        struct context *to = &receiver->context;
        handle_t handle;
        call->state = CALL_RECEIVED;
        call->one_way = false;
        call->port = port;
        call->right = NULL;
        call->badge = right->badge;
        call->deadline = deadline;
        call->request.cap_count = 0;
        call->request.priority = thread->priority;
        call->request.trace = thread->trace;
        list_append(&port->received, &call->link);
        timer_set(&call->timer, deadline, call_expired);
        slot = handle_take(&receiver->task->handles, &handle);
        slot->state = SLOT_REPLY;
        slot->rights = 0;
        slot->object = &call->object;
        call->reply = slot;

        list_remove(&receiver->queue_link);
        timer_cancel(&receiver->call.timer);
        receiver->port = NULL;
        receiver->priority = (uint8_t)priority;
        receiver->inherited_priority = thread->priority;
        receiver->inherited_deadline = deadline;
        receiver->trace = thread->trace;
        receiver->messages++;
        to->rax = OUTCOME_OK;
        to->rdi = right->badge;
        to->rsi = handle;
        to->rdx = header;
        to->r10 = deadline;
        copy_words(to, from, message_words(header));
        switch_threads(cpu, thread, THREAD_CALLING, receiver, now);
        return true;
}

/* Whether receiving on the port would wait. */
static bool port_is_quiet(const struct port *port)
{
        return list_empty(&port->queue) && list_empty(&port->unsent) &&
               list_empty(&port->cancelled) && !(port->event && port->event->bits);
}

bool fastpath_reply_receive(struct thread *thread)
{
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->context;
        uint64_t header = from->rdx;
        const struct handle_table *handles = &thread->task->handles;
        struct slot *receive = handle_lookup(handles, (handle_t)from->rdi);
        struct slot *slot = handle_lookup(handles, (handle_t)from->rsi);
        if (!header_is_short(header) || !slot || slot->state != SLOT_REPLY || !receive ||
            receive->state != SLOT_HANDLE || receive->object->type != OBJECT_PORT ||
            !(receive->rights & RIGHT_RECEIVE))
                return false;
        struct port *port = container_of(receive->object, struct port, object);
        struct call *call = container_of(slot->object, struct call, object);
        struct thread *caller = call->thread;
        if (!caller || call->is_fault || caller->stop_wanted || !port_is_quiet(port) ||
            cpu->highest_ready > (int)caller->priority)
                return false;
        uint64_t now = clock_now(), deadline = from->r10;
        if (deadline <= now)
                return false;

        /* The point of no return. */
        struct context *to = &caller->context;
        timer_cancel(&call->timer);
        list_remove(&call->link);
        call->port = NULL;
        call->reply = NULL;
        call->state = CALL_IDLE;
        slot->object = NULL;
        handle_give(&thread->task->handles, slot);
        to->rax = message_outcome(header);
        to->rdi = to->rsi = to->r10 = 0;
        to->rdx = header & 0xffffffffffull;
        copy_words(to, from, message_words(header));

        thread->inherited_priority = 0;
        thread->priority = thread->base_priority;
        thread->inherited_deadline = TIME_NEVER;
        thread->trace = 0;
        thread->port = port;
        list_append(&port->receivers, &thread->queue_link);
        timer_set(&thread->call.timer, deadline, thread_wait_expired);
        switch_threads(cpu, thread, THREAD_RECEIVING, caller, now);
        return true;
}
