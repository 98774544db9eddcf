/* The fast path. Each function first tests, changing nothing, whether the message is one of the
 * usual ones; after its point of no return it makes the same changes as call.c and port.c would. A
 * change there has to be made here, too. */
#include "kernel/syscall/fastpath.h"
#include "kernel/ipc/call.h"
#include "kernel/ipc/port.h"
#include "kernel/ipc/transfer.h"
#include "kernel/object/handle.h"
#include "kernel/sched/switch.h"
#include "kernel/syscall/syscall.h"

/* From here on a header has capabilities, then flags, of which MESSAGE_BLOCK is the first. */
enum { HEADER_CAPS = 36, HEADER_BLOCK = 40 };

/* Header bits of an unusual message: flags other than MESSAGE_BLOCK. An answer may also have an
 * outcome, if it claims nothing of the execution. */
#define HEADER_UNUSUAL (0xfeull << 40)
#define HEADER_OUTCOME (0xffffull << 48)
#define HEADER_CLAIM   (0xff80ull << 48)

static inline bool words_fit(uint64_t header)
{
        return message_words(header) <= MESSAGE_WORDS;
}

/* The right that a call or message goes through; NULL if anything about the message is unusual. */
static inline struct right *find_right(const struct thread *thread, handle_t handle,
                                       uint64_t header)
{
        struct slot *slot = handle_lookup(&thread->task->handles, handle);
        if (!slot || slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_SEND) ||
            slot->object->type != &right_type)
                return NULL;
        struct right *right = container_of(slot->object, struct right, object);
        if (header & (HEADER_UNUSUAL | HEADER_OUTCOME) || !words_fit(header) ||
            !message_interface(header) || !right->port || right->port->detail)
                return NULL;
        return right;
}

static inline uint64_t capped_deadline(const struct thread *thread)
{
        uint64_t deadline = thread->run.context.deadline;
        return deadline < thread->inherited_deadline ? deadline : thread->inherited_deadline;
}

/* The receiver leaves the port with everything of the message but its words. */
static inline void receive_message(struct thread *receiver, uint64_t badge, handle_t reply,
                                   uint64_t header, uint64_t deadline)
{
        struct context *to = &receiver->run.context;
        timer_cancel(&receiver->call.timer);
        list_remove(&receiver->run.queue_link);
        receiver->port = NULL;
        receiver->messages++;
        to->outcome = OUTCOME_OK;
        to->badge = badge;
        to->reply = reply;
        to->header = header;
        to->deadline = deadline;
}

/* The thread that has waited longest for a message; NULL if there is none, or it is to stop. */
static inline struct thread *first_receiver(const struct port *port)
{
        struct list *first = port->receivers.next;
        struct thread *receiver = container_of(first, struct thread, run.queue_link);
        return first == &port->receivers || receiver->stop_wanted ? NULL : receiver;
}

static inline unsigned served_priority(const struct thread *receiver, unsigned priority)
{
        return receiver->base_priority > priority ? receiver->base_priority : priority;
}

/* From now on the receiver serves the thread's call, with its priority. Returns the handle of the
 * reply right; the table has a free slot. */
static inline handle_t serve_call(struct thread *receiver, struct handle_table *handles,
                                  struct thread *thread, const struct right *right,
                                  unsigned priority, uint64_t deadline, uint64_t trace)
{
        struct call *call = &thread->call;
        struct port *port = right->port;
        uint64_t badge = right->badge;
        bool proxy = right->proxy;
        handle_t handle;
        struct slot *slot = handle_take(handles, &handle);
        slot->reply = &call->reply;
        slot->state = SLOT_REPLY;
        slot->kind = OBJECT_REPLY;
        slot->rights = 0;
        call->reply.slot = slot;
        call->state = CALL_RECEIVED;
        call->one_way = false;
        call->disowned = false;
        call->port = port;
        call->badge = badge;
        call->proxy = proxy;
        call->server = receiver;
        receiver->serving = call;
        list_append(&port->received, &call->link);
        receiver->run.priority = (uint8_t)served_priority(receiver, priority);
        receiver->inherited_priority = (int16_t)priority;
        receiver->inherited_deadline = deadline;
        receiver->trace = trace;
        return handle;
}

/* These return how many words of the message stay in registers, or WORDS_IN_CONTEXT to take the
 * slow path. */
static inline int64_t fastpath_call(struct thread *thread)
{
        uint64_t now = clock_now(); /* called first, while few registers are live */
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->run.context;
        uint64_t header = from->header, deadline = capped_deadline(thread);
        struct right *right = find_right(thread, (handle_t)from->handle, header);
        if (!right || deadline <= now)
                return WORDS_IN_CONTEXT;
        struct port *port = right->port;
        struct thread *receiver = first_receiver(port);
        unsigned priority = thread->run.priority;
        if (!receiver || cpu->highest_ready > (int)served_priority(receiver, priority))
                return WORDS_IN_CONTEXT;
        struct handle_table *handles = &receiver->task->handles;
        if (!handles->free)
                return WORDS_IN_CONTEXT;
        uint64_t trace = thread_trace(thread);
        if (header >> HEADER_CAPS && !transfer_page(thread, receiver, header, priority, trace))
                return WORDS_IN_CONTEXT;

        /* The point of no return. */
        uint64_t badge = right->badge;
        handle_t reply = serve_call(receiver, handles, thread, right, priority, deadline, trace);
        timer_set(&thread->call.timer, deadline);
        receive_message(receiver, badge, reply, header, deadline);
        sched_hand_over(cpu, &thread->run, THREAD_CALLING, &receiver->run, now);
        return message_words(header);
}

int64_t message_call(struct thread *thread)
{
        int64_t words = fastpath_call(thread);
        return words >= 0 ? words : message_call_slow(thread);
}

bool fastpath_fault(struct thread *thread, struct right *right, const uint64_t words[FAULT_WORDS])
{
        struct cpu *cpu = this_cpu();
        const uint64_t header = message_header(0, KERNEL_FAULT, FAULT_WORDS);
        struct port *port = right->port;
        struct thread *receiver = first_receiver(port);
        unsigned priority = thread->run.priority;
        if (!receiver || cpu->highest_ready > (int)served_priority(receiver, priority) ||
            !receiver->task->handles.free)
                return false;
        uint64_t trace = thread_trace(thread);
        struct registers *registers = transfer_place(receiver, sizeof(*registers), priority, trace);
        if (!registers)
                return false;

        /* The point of no return. */
        context_registers(&thread->run.context, registers);
        thread->call.is_fault = true;
        handle_t reply = serve_call(receiver, &receiver->task->handles, thread, right, priority,
                                    TIME_NEVER, trace);
        receive_message(receiver, right->badge, reply, message_with_flags(header, MESSAGE_BLOCK),
                        TIME_NEVER);
        for (unsigned i = 0; i < FAULT_WORDS; i++)
                receiver->run.context.word[i] = words[i];
        receiver->run.context.word[FAULT_WORDS] = 0;
        sched_hand_over(cpu, &thread->run, THREAD_CALLING, &receiver->run, clock_now());
        return true;
}

static inline int64_t fastpath_send(struct thread *thread)
{
        uint64_t now = clock_now();
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->run.context;
        uint64_t header = from->header, deadline = capped_deadline(thread);
        struct right *right = find_right(thread, (handle_t)from->handle, header);
        if (!right || deadline <= now)
                return WORDS_IN_CONTEXT;
        struct thread *receiver = first_receiver(right->port);
        if (!receiver || receiver->run.priority <= thread->run.priority ||
            cpu->highest_ready >= receiver->run.priority)
                return WORDS_IN_CONTEXT;
        if (header >> HEADER_CAPS &&
            !transfer_page(thread, receiver, header, thread->run.priority, thread_trace(thread)))
                return WORDS_IN_CONTEXT;

        /* The point of no return. */
        receive_message(receiver, right->badge, 0, message_with_flags(header, MESSAGE_ONE_WAY),
                        deadline);
        from->outcome = OUTCOME_OK;
        from->result = from->second = from->header = from->deadline = 0;
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
                from->word[i] = 0;
        sched_enqueue(cpu, &thread->run, true);
        sched_hand_over(cpu, &thread->run, THREAD_READY, &receiver->run, now);
        return message_words(header);
}

int64_t message_send(struct thread *thread)
{
        int64_t words = fastpath_send(thread);
        return words >= 0 ? words : message_send_slow(thread);
}

/* The port of a receive right, if receiving from it until the deadline would block; else NULL. */
static inline struct port *find_quiet_port(const struct handle_table *handles, handle_t handle,
                                           uint64_t deadline, uint64_t now)
{
        struct slot *slot = handle_lookup(handles, handle);
        if (!slot || slot->state != SLOT_HANDLE || !(slot->rights & RIGHT_RECEIVE) ||
            slot->object->type != &port_type)
                return NULL;
        struct port *port = container_of(slot->object, struct port, object);
        return port->pending || deadline <= now ? NULL : port;
}

/* The thread serves no call any more and waits for the next message. */
static inline void wait_for_message(struct thread *thread, struct port *port, uint64_t deadline)
{
        thread->inherited_priority = NOT_SERVING;
        thread->run.priority = thread->base_priority;
        thread->inherited_deadline = TIME_NEVER;
        thread->trace = 0;
        thread->port = port;
        list_append(&port->receivers, &thread->run.queue_link);
        timer_set(&thread->call.timer, deadline);
}

static inline bool fastpath_receive(struct thread *thread)
{
        uint64_t now = clock_now(), deadline = thread->run.context.deadline;
        struct cpu *cpu = this_cpu();
        struct port *port = find_quiet_port(&thread->task->handles,
                                            (handle_t)thread->run.context.handle, deadline, now);
        if (!port || thread->run.context.second || thread->serving || cpu->highest_ready < 0)
                return false;
        struct runnable *next = sched_take_first(cpu);
        wait_for_message(thread, port, deadline);
        if (!arch_is_syscall(&next->context.arch))
                cpu->work |= WORK_SWITCH;
        sched_hand_over(cpu, &thread->run, THREAD_RECEIVING, next, now);
        return true;
}

int64_t message_receive(struct thread *thread)
{
        return fastpath_receive(thread) ? WORDS_IN_CONTEXT : message_receive_slow(thread);
}

/* True: the caller resumes, and *words is how many words of the answer stay in registers. */
static inline bool fastpath_reply_receive(struct thread *thread, int64_t *words)
{
        uint64_t now = clock_now();
        struct cpu *cpu = this_cpu();
        struct context *from = &thread->run.context;
        struct handle_table *handles = &thread->task->handles;
        uint64_t header = from->header, deadline = from->deadline;
        struct port *port = find_quiet_port(handles, (handle_t)from->handle, deadline, now);
        struct slot *slot = handle_lookup(handles, (handle_t)from->second);
        if (!port || !slot || slot->state != SLOT_REPLY)
                return false;
        struct call *call = container_of(slot->reply, struct call, reply);
        struct thread *caller = call->thread;
        if (header & (HEADER_UNUSUAL | HEADER_CLAIM) || !words_fit(header) || !caller ||
            caller->stop_wanted || thread->serving != call || call->disowned ||
            cpu->highest_ready > (int)caller->run.priority)
                return false;
        if (call->is_fault && header >> HEADER_BLOCK)
                return false; /* it has bytes, or stops the thread */
        if (header >> HEADER_CAPS & 31 && !transfer_page(thread, caller, header, 0, 0))
                return false;

        /* The point of no return. */
        struct context *to = &caller->run.context;
        timer_cancel(&call->timer);
        list_remove(&call->link);
        call->port = NULL;
        call->reply.slot = NULL;
        call->server = NULL;
        thread->serving = NULL;
        call->state = CALL_IDLE;
        slot->reply = NULL;
        handle_give(handles, slot);
        if (!call->is_fault) {
                to->outcome = message_outcome(header);
                to->result = to->second = to->deadline = 0;
                to->header = header & 0xffffffffffffull;
                *words = message_words(header);
        } else {
                call->is_fault = false;
                *words = WORDS_IN_CONTEXT;
                cpu->work |= WORK_SWITCH; /* its context is not that of a system call */
        }

        wait_for_message(thread, port, deadline);
        sched_hand_over(cpu, &thread->run, THREAD_RECEIVING, &caller->run, now);
        return true;
}

int64_t message_reply_receive(struct thread *thread)
{
        int64_t words;
        return fastpath_reply_receive(thread, &words) ? words : message_reply_receive_slow(thread);
}
