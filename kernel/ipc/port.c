/* Ports and rights. A port with a waiting receiver has nothing to receive: what makes something
 * receivable either goes to a receiver at once or calls port_notify(). A receiver leaves the list
 * before it is given anything, since what happens on the way may notify the same port again. */
#include "kernel/ipc/port.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/event.h"
#include "kernel/account/account.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"
#include "kernel/task/wait.h"
#include "kernel/arch/arch.h"

struct port *port_create(struct account *account)
{
        struct port *port = account_alloc(account, sizeof(*port));
        if (!port)
                return NULL;
        object_init(&port->object, &port_type, account);
        list_init(&port->queue);
        list_init(&port->disowned);
        list_init(&port->unsent);
        list_init(&port->sources);
        list_init(&port->events);
        list_init(&port->completed);
        port->notify = port_notify;
        return port;
}

static void right_end(struct right *right, enum reason reason)
{
        kassert(right->port && list_empty(&right->calls));
        tree_remove(&right->port->rights, &right->node);
        list_remove(&right->unsent_link);
        right->port = NULL;
        right->reason = (uint8_t)reason;
        watches_fire(&right->watches);
        object_released(&right->object);
}

/* Received calls go on: their reply rights remain. */
static void forget_calls(struct port *port)
{
        while (port->received) {
                struct call *call = port->received;
                ring_remove(port->received, call, link);
                call->port = NULL;
        }
        while (!list_empty(&port->disowned))
                list_remove(port->disowned.next);
}

void port_dismiss(struct port *port)
{
        while (port->receivers) {
                struct thread *thread = port->receivers;
                thread->run.context.outcome = not_executed(REASON_BAD_HANDLE);
                thread_resume(thread);
        }
        while (!list_empty(&port->events)) {
                struct source *source = container_of(port->events.next, struct source, ready);
                source_unbind(source);
                object_released(&container_of(source, struct event, source)->object);
        }
        while (!list_empty(&port->sources))
                source_unbind(container_of(port->sources.next, struct source, link));
}

static void port_destroy(struct object *object)
{
        struct port *port = container_of(object, struct port, object);
        object->dying = true;
        while (!list_empty(&port->queue))
                call_end(container_of(port->queue.next, struct call, link),
                         not_executed(REASON_RECEIVER_DIED));
        forget_calls(port);
        port_dismiss(port);
        while (port->rights.first)
                right_end(container_of(port->rights.first, struct right, node),
                          REASON_RECEIVER_DIED);
        kassert(!port_has_notice(port) && !port->receivers);
        object_free(object);
}

const struct object_type port_type = {
    .kind = OBJECT_PORT,
    .destroy = port_destroy,
    .unreferenced = port_destroy,
};

void port_place(struct port *port, struct call *call)
{
        kassert(call->state == CALL_QUEUED && call->port == port);
        list_remove(&call->link);
        struct list *position = &port->queue;
        while (position->prev != &port->queue &&
               container_of(position->prev, struct call, link)->request.priority <
                   call->request.priority)
                position = position->prev;
        list_insert_before(position, &call->link);
        port->pending = true;
}

/* The receive right, if a task has it; NULL: it is under way, or gone. */
static struct slot *receive_slot(const struct port *port)
{
        struct slot *receive = container_of(port->object.slots.next, struct slot, link);
        return !list_empty(&port->object.slots) && receive->state == SLOT_HANDLE ? receive : NULL;
}

void port_raise(struct port *port, unsigned priority, unsigned depth)
{
        struct slot *receive = receive_slot(port);
        if (!receive)
                return;
        const struct task *task = container_of(handle_owner(receive), struct task, handles);
        list_for_each(link, &task->threads)
            thread_raise(container_of(link, struct thread, task_link), priority, depth);
}

void port_enqueue(struct port *port, struct call *call)
{
        kassert(!port->receivers);
        port_place(port, call);
        list_append(&call->right->calls, &call->right_link);
        port_raise(port, call->request.priority, RAISE_DEPTH);
}

/* ---- rights ---- */

struct right *right_find(struct port *port, uint64_t badge)
{
        struct tree_node *node = tree_find(&port->rights, badge);
        return node ? container_of(node, struct right, node) : NULL;
}

outcome_t right_mint(struct port *port, struct account *account, uint64_t badge,
                     struct right **right)
{
        if (right_find(port, badge))
                return not_executed(REASON_BUSY);
        *right = account_alloc(account, sizeof(**right));
        if (!*right)
                return not_executed(REASON_NO_MEMORY);
        object_init(&(*right)->object, &right_type, account);
        (*right)->port = port;
        (*right)->badge = badge;
        list_init(&(*right)->unsent_link);
        list_init(&(*right)->watches);
        list_init(&(*right)->calls);
        tree_insert(&port->rights, &(*right)->node, badge);
        return OUTCOME_OK;
}

outcome_t right_check(const struct right *right)
{
        if (right->port)
                return OUTCOME_OK;
        return not_executed(right->reason);
}

void right_revoke(struct right *right, enum reason reason)
{
        while (!list_empty(&right->calls))
                call_end(container_of(right->calls.next, struct call, right_link),
                         not_executed(reason));
        right_end(right, reason);
}

static void right_destroy(struct object *object)
{
        struct right *right = container_of(object, struct right, object);
        if (right->port)
                right_revoke(right, REASON_RECEIVER_DIED);
        kassert(list_empty(&right->watches));
        object_free_dead(object, right->reason);
}

static void right_unreferenced(struct object *object)
{
        struct right *right = container_of(object, struct right, object);
        if (!right->port) {
                object_destroy(object);
                return;
        }
        if (!list_empty(&right->calls))
                return;
        if (list_empty(&right->unsent_link))
                list_append(&right->port->unsent, &right->unsent_link);
        port_notify(right->port);
}

const struct object_type right_type = {
    .kind = OBJECT_RIGHT,
    .destroy = right_destroy,
    .unreferenced = right_unreferenced,
};

bool right_is_own(const struct slot *slot, const struct incoming *to, struct received_cap *cap)
{
        struct right *right = container_of(slot->object, struct right, object);
        struct slot *receive = right->port ? receive_slot(right->port) : NULL;
        if (!receive || handle_owner(receive) != &to->task->handles ||
            right->port->reflect != to->reflect)
                return false;
        cap->type = OBJECT_PORT;
        cap->handle = receive->handle;
        cap->own = 1;
        cap->badge = right->badge;
        return true;
}

/* ---- receiving ---- */

static void deliver_notice(struct thread *thread, enum kernel_method method, uint64_t badge,
                           const uint64_t *words, unsigned count)
{
        uint64_t header = message_with_flags(message_header(0, method, count), MESSAGE_ONE_WAY);
        kassert(count <= MESSAGE_WORDS);
        context_set_message(&thread->run.context, OUTCOME_OK, badge, 0, header, TIME_NEVER, words);
}

/* Each of these delivers a notice of its kind; false if there is none. */
typedef bool notice_function(struct port *port, struct thread *thread);

static bool receive_event(struct port *port, struct thread *thread)
{
        if (list_empty(&port->events))
                return false;
        struct source *source = container_of(port->events.next, struct source, ready);
        struct event *event = container_of(source, struct event, source);
        bool last = list_empty(&event->object.slots);
        kassert(source->port == port && (event->bits || last));
        deliver_notice(thread, KERNEL_EVENT, 0,
                       (uint64_t[]){event_take(event, ~0ull), source->key, last}, 2 + last);
        if (last)
                object_destroy(&event->object);
        return true;
}

static bool receive_completed(struct port *port, struct thread *thread)
{
        uint64_t keys[MESSAGE_WORDS];
        unsigned count = 0;
        while (count < MESSAGE_WORDS && !list_empty(&port->completed)) {
                struct source *source = container_of(port->completed.next, struct source, ready);
                kassert(source->port == port);
                list_remove(&source->ready);
                keys[count++] = source->key;
        }
        if (count)
                deliver_notice(thread, KERNEL_COMPLETED, 0, keys, count);
        return count;
}

static bool receive_cancel(struct port *port, struct thread *thread)
{
        while (!list_empty(&port->disowned)) {
                struct slot *reply = container_of(port->disowned.next, struct slot, link);
                list_remove(&reply->link);
                if (reply->state == SLOT_TRANSIT_REPLY ||
                    handle_owner(reply) != &thread->task->handles)
                        continue;
                bool dead = reply->state == SLOT_DEAD;
                uint64_t badge =
                    dead ? reply->badge : container_of(reply->reply, struct call, reply)->badge;
                deliver_notice(thread, KERNEL_CANCEL, badge,
                               (uint64_t[]){reply->handle, dead ? reply->rights : REASON_CANCELLED},
                               2);
                return true;
        }
        return false;
}

static bool receive_no_senders(struct port *port, struct thread *thread)
{
        while (!list_empty(&port->unsent)) {
                struct right *right = container_of(port->unsent.next, struct right, unsent_link);
                list_remove(&right->unsent_link);
                if (!list_empty(&right->object.slots) || !list_empty(&right->calls))
                        continue;
                deliver_notice(thread, KERNEL_NO_SENDERS, right->badge, &right->issues, 1);
                right_end(right, REASON_RECEIVER_DIED);
                return true;
        }
        return false;
}

/* Looks for the kind that there was last: a thread that waits is given what has just come. */
static bool receive_notice(struct port *port, struct thread *thread)
{
        static notice_function *const kinds[] = {receive_event, receive_completed, receive_cancel,
                                                 receive_no_senders};
        enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
        for (unsigned i = 0; i < KINDS; i++, port->turn++)
                if (kinds[port->turn % KINDS](port, thread))
                        return true;
        return false;
}

/* The thread leaves the list first: one notice may cause another for the same port. */
void port_notify(struct port *port)
{
        if (!port->receivers) {
                port->pending = true;
                return;
        }
        struct thread *thread = port->receivers;
        ring_remove(port->receivers, thread, run.queue_link);
        if (receive_notice(port, thread))
                thread_resume(thread);
        else
                ring_prepend(port->receivers, thread, run.queue_link);
}

void port_receive(struct port *port, struct thread *thread, uint64_t deadline)
{
        call_leave(thread);
        thread_inherit(thread, NOT_SERVING);
        thread->inherited_deadline = TIME_NEVER;
        thread->trace = 0;
        for (;;) {
                port->turn += port->pending; /* so that a flood of one kind starves no other */
                if (port->pending && receive_notice(port, thread))
                        return;
                if (list_empty(&port->queue))
                        break;
                struct call *call = container_of(port->queue.next, struct call, link);
                if (call_deliver(call, thread) != CALL_SENDER_FAILED)
                        return;
                arch_preemption_point(); /* the end of the call may have caused a notice */
        }
        if (deadline != TIME_NEVER && deadline <= clock_now()) {
                thread->run.context.outcome = not_executed(REASON_DEADLINE);
                return;
        }
        kassert(list_empty(&port->queue) && !port_has_notice(port));
        port->pending = false;
        thread_wait(thread, THREAD_RECEIVING, deadline);
        thread->receivers = &port->receivers;
        ring_append(port->receivers, thread, run.queue_link);
}
