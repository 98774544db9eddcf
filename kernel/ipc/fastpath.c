#include "kernel/ipc/fastpath.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/handle.h"
#include "kernel/sched/switch.h"
#include "kernel/syscall/syscall.h"

/* The words of a message are copied, the rest of the receiver's zeroed. */
static inline void copy_words(struct context *to, const struct context *from, unsigned count)
{
        const uint64_t *words = from->word;
        switch (count) {
        case 8:
                to->word[7] = words[7]; /* fall through */
        case 7:
                to->word[6] = words[6]; /* fall through */
        case 6:
                to->word[5] = words[5]; /* fall through */
        case 5:
                to->word[4] = words[4]; /* fall through */
        case 4:
                to->word[3] = words[3]; /* fall through */
        case 3:
                to->word[2] = words[2]; /* fall through */
        case 2:
                to->word[1] = words[1]; /* fall through */
        case 1:
                to->word[0] = words[0]; /* fall through */
        case 0:
                break;
        default:
                __builtin_unreachable();
        }
        switch (count) {
        case 0:
                to->word[0] = 0; /* fall through */
        case 1:
                to->word[1] = 0; /* fall through */
        case 2:
                to->word[2] = 0; /* fall through */
        case 3:
                to->word[3] = 0; /* fall through */
        case 4:
                to->word[4] = 0; /* fall through */
        case 5:
                to->word[5] = 0; /* fall through */
        case 6:
                to->word[6] = 0; /* fall through */
        case 7:
                to->word[7] = 0; /* fall through */
        case 8:
                break;
        default:
                __builtin_unreachable();
        }
}

enum { HEADER_BLOCK = 40 }; /* the bit of MESSAGE_BLOCK */

/* At most words and bytes: no capabilities, no other flags. `outcome` is looked at by the caller.
 */
static inline bool header_is_short(uint64_t header)
{
        return !(header & 0xfefull << 36) && message_words(header) <= MESSAGE_WORDS;
}

/* The right that a call or message goes through, if a thread waits at its other end and nothing
 * about the message is unusual; else NULL. */
static inline struct right *find_right(const struct thread *thread, handle_t handle,
                                       uint64_t header)
{
        struct slot *slot = handle_lookup(&thread->task->handles, handle);
        if (!slot || slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_SEND) ||
            slot->object->type != OBJECT_RIGHT)
                return NULL;
        struct right *right = container_of(slot->object, struct right, object);
        const struct port *port = right->port;
        if (!header_is_short(header) || message_outcome(header) || !message_interface(header) ||
            !port || list_empty(&port->receivers) || port->detail)
                return NULL;
        return right;
}

static inline uint64_t deadline_of(const struct thread *thread)
{
        uint64_t deadline = thread->context.r10;
        return deadline < thread->inherited_deadline ? deadline : thread->inherited_deadline;
}

/* The receiver leaves the port with the message, but for its words. */
static inline void receive_message(struct thread *receiver, const struct right *right,
                                   handle_t reply, uint64_t header, uint64_t deadline)
{
        struct context *to = &receiver->context;
        timer_cancel(&receiver->call.timer);
        list_remove(&receiver->queue_link);
        receiver->port = NULL;
        receiver->messages++;
        to->rax = OUTCOME_OK;
        to->rdi = right->badge;
        to->rsi = reply;
        to->rdx = header;
        to->r10 = deadline;
}

static inline struct thread *first_receiver(const struct port *port)
{
        return container_of(port->receivers.next, struct thread, queue_link);
}

/* Nothing keeps the receiver from taking the message and, with the sender's priority if that is
 * higher, the processor. */
static inline bool receiver_is_next(const struct cpu *cpu, const struct thread *receiver,
                                    unsigned priority)
{
        return !receiver->stop_wanted && receiver->task->handles.free &&
               cpu->highest_ready <= (int)priority;
}

static inline unsigned served_priority(const struct thread *receiver, unsigned priority)
{
        return receiver->base_priority > priority ? receiver->base_priority : priority;
}

/* The receiver serves the thread's call from now on, at this priority; its handle of the reply
 * right. */
static inline handle_t begin_service(struct thread *receiver, struct thread *thread,
                                     const struct right *right, unsigned priority,
                                     uint64_t deadline)
{
        struct call *call = &thread->call;
        handle_t handle;
        struct slot *slot = handle_take(&receiver->task->handles, &handle);
        slot->object = &call->object;
        slot->state = SLOT_REPLY;
        slot->rights = 0;
        call->reply = slot;
        call->state = CALL_RECEIVED;
        call->one_way = false;
        call->port = right->port;
        call->badge = right->badge;
        list_append(&right->port->received, &call->link);
        receiver->priority = (uint8_t)priority;
        receiver->inherited_priority = thread->priority;
        receiver->inherited_deadline = deadline;
        receiver->trace = thread->trace;
        return handle;
}

static inline bool fastpath_call(struct thread *thread)
{
        uint64_t now = clock_now(); /* the only function called: it comes first */
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->context;
        uint64_t header = from->rdx, deadline = deadline_of(thread);
        struct right *right = find_right(thread, (handle_t)from->rdi, header);
        if (!right || deadline <= now)
                return false;
        struct thread *receiver = first_receiver(right->port);
        unsigned priority = served_priority(receiver, thread->priority);
        if (!receiver_is_next(cpu, receiver, priority))
                return false;
        if (header >> HEADER_BLOCK &&
            !transfer_quickly(thread, receiver, thread->priority, thread->trace))
                return false;

        /* The point of no return. */
        handle_t reply = begin_service(receiver, thread, right, priority, deadline);
        timer_set(&thread->call.timer, deadline);
        receive_message(receiver, right, reply, header, deadline);
        copy_words(&receiver->context, from, message_words(header));
        sched_hand_over(cpu, thread, THREAD_CALLING, receiver, now);
        return true;
}

bool fastpath_fault(struct thread *thread, struct right *right, const uint64_t words[FAULT_WORDS])
{
        struct cpu *cpu = this_cpu();
        const uint64_t header = message_header(0, KERNEL_FAULT, FAULT_WORDS);
        if (list_empty(&right->port->receivers))
                return false;
        struct thread *receiver = first_receiver(right->port);
        unsigned priority = served_priority(receiver, thread->priority);
        if (!receiver_is_next(cpu, receiver, priority))
                return false;
        struct registers *registers =
            transfer_place(receiver, sizeof(*registers), thread->priority, thread->trace);
        if (!registers)
                return false;

        /* The point of no return. */
        context_registers(&thread->context, registers);
        thread->call.is_fault = true;
        handle_t reply = begin_service(receiver, thread, right, priority, TIME_NEVER);
        receive_message(receiver, right, reply, message_with_flags(header, MESSAGE_BLOCK),
                        TIME_NEVER);
        for (unsigned i = 0; i < FAULT_WORDS; i++)
                receiver->context.word[i] = words[i];
        receiver->context.word[FAULT_WORDS] = 0;
        sched_hand_over(cpu, thread, THREAD_CALLING, receiver, clock_now());
        return true;
}

void message_call(struct thread *thread)
{
        if (!fastpath_call(thread))
                message_call_slowly(thread);
}

static inline bool fastpath_send(struct thread *thread)
{
        uint64_t now = clock_now();
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->context;
        uint64_t header = from->rdx, deadline = deadline_of(thread);
        struct right *right = find_right(thread, (handle_t)from->rdi, header);
        if (!right || deadline <= now)
                return false;
        struct thread *receiver = first_receiver(right->port);
        if (receiver->priority <= thread->priority || receiver->stop_wanted ||
            cpu->highest_ready >= receiver->priority)
                return false;
        if (header >> HEADER_BLOCK &&
            !transfer_quickly(thread, receiver, thread->priority, thread->trace))
                return false;

        /* The point of no return. */
        receive_message(receiver, right, 0, message_with_flags(header, MESSAGE_ONE_WAY), deadline);
        copy_words(&receiver->context, from, message_words(header));
        from->rax = OUTCOME_OK;
        from->rdi = from->rsi = from->rdx = from->r10 = 0;
        copy_words(from, from, 0);
        sched_enqueue(cpu, thread, true);
        sched_hand_over(cpu, thread, THREAD_READY, receiver, now);
        return true;
}

void message_send(struct thread *thread)
{
        if (!fastpath_send(thread))
                message_send_slowly(thread);
}

/* Whether receiving on the port would wait. */
static inline bool port_is_quiet(const struct port *port)
{
        return list_empty(&port->queue) && list_empty(&port->unsent) &&
               list_empty(&port->cancelled) && !(port->event && port->event->bits);
}

static inline bool fastpath_reply_receive(struct thread *thread)
{
        uint64_t now = clock_now();
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->context;
        struct handle_table *handles = &thread->task->handles;
        uint64_t header = from->rdx, deadline = from->r10;
        struct slot *receive = handle_lookup(handles, (handle_t)from->rdi);
        struct slot *slot = handle_lookup(handles, (handle_t)from->rsi);
        if (!slot || slot->state != SLOT_REPLY || !receive || receive->state != SLOT_HANDLE ||
            !(receive->rights & RIGHT_RECEIVE) || receive->object->type != OBJECT_PORT)
                return false;
        struct port *port = container_of(receive->object, struct port, object);
        struct call *call = container_of(slot->object, struct call, object);
        struct thread *caller = call->thread;
        if (!header_is_short(header) || !caller || caller->stop_wanted || !port_is_quiet(port) ||
            cpu->highest_ready > (int)caller->priority)
                return false;
        if (deadline <= now)
                return false;
        if (call->is_fault && header >> HEADER_BLOCK)
                return false; /* content, or the thread is to stop */
        if (header >> HEADER_BLOCK & 1 && !transfer_quickly(thread, caller, 0, 0))
                return false;

        /* The point of no return. */
        struct context *to = &caller->context;
        timer_cancel(&call->timer);
        list_remove(&call->link);
        call->port = NULL;
        call->reply = NULL;
        call->state = CALL_IDLE;
        slot->object = NULL;
        handle_give(handles, slot);
        if (!call->is_fault) {
                to->rax = message_outcome(header);
                to->rdi = to->rsi = to->r10 = 0;
                to->rdx = header & 0xffffffffffffull;
                copy_words(to, from, message_words(header));
        } else {
                call->is_fault = false;
                cpu->work |= WORK_SWITCH; /* its context is no system call's */
        }

        thread->inherited_priority = NOT_SERVING;
        thread->priority = thread->base_priority;
        thread->inherited_deadline = TIME_NEVER;
        thread->trace = 0;
        thread->port = port;
        list_append(&port->receivers, &thread->queue_link);
        timer_set(&thread->call.timer, deadline);
        sched_hand_over(cpu, thread, THREAD_RECEIVING, caller, now);
        return true;
}

void message_reply_receive(struct thread *thread)
{
        if (!fastpath_reply_receive(thread))
                message_reply_receive_slowly(thread);
}
