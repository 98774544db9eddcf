/* The fast path: a short message to a waiting thread, and a short answer, straight from thread to
 * thread. Each function of syscall_fast (arch/entry.h) first tests, changing nothing, whether the
 * message is one of the usual ones, and if not leaves it to its like in message.c. After its point
 * of no return it makes the same changes as call.c and port.c would: a change there has to be made
 * here, too. It switches threads itself and returns to user mode from where it is:
 * sched_hand_over(), arch_resume().
 *
 * The words of a message are in none of the variables: they wait in struct cpu (CPU_WORDS), one of
 * them in RBP, which this file is compiled without (module.mk), from one user's system call to the
 * other's; only those of a call object are copied (arch_words). */
#include "kernel/ipc/service.h"
#include "kernel/ipc/transfer.h"
#include "kernel/sched/switch.h"
#include "kernel/syscall/syscall.h"

/* The upper half of a header: the number of words alone, if the message is a plain one. */
enum {
        REST = 32,
        REST_WORDS = 0xf,
        REST_CONTENT = 0xf0 | MESSAGE_BLOCK << 8,  /* capabilities, bytes */
        REST_UNUSUAL = 0xff80ff00 & ~REST_CONTENT, /* flags; of an outcome a claim of execution */
};

/* The thread that is to get a message through the right of the slot; NULL: an unusual case.
 * The kernel's interface, 0, is one. `detail`: first_receiver(). */
static inline struct thread *find_receiver(const struct slot *slot, uint64_t header, bool detail)
{
        if (!slot_holds(slot, OBJECT_RIGHT, RIGHT_SEND) || (uint32_t)header <= UINT16_MAX)
                return NULL;
        return first_receiver(container_of(slot->object, struct right, object)->port, detail);
}

/* Moves what a message has besides its words; false: an unusual case. */
static __attribute__((noinline)) bool move_content(struct thread *thread, struct thread *receiver,
                                                   uint64_t header, unsigned priority,
                                                   uint64_t trace)
{
        uint64_t rest = header >> REST;
        return !(rest & ~(uint64_t)(REST_WORDS | REST_CONTENT)) &&
               (rest & REST_WORDS) <= MESSAGE_WORDS &&
               transfer_page(thread, receiver, header, priority, trace);
}

/* For a port that wants to know more of a message which is nothing but words. Returns its header.
 */
static __attribute__((noinline)) uint64_t add_detail(struct thread *receiver, uint64_t header,
                                                     unsigned priority, uint64_t trace)
{
        struct transferred nothing;
        nothing.bytes = 0;
        transferred_to_block(&nothing, 0, priority, trace, receiver);
        return message_with_flags(header, MESSAGE_BLOCK);
}

message_handler *fast_call(uint64_t handle, uint64_t second, uint64_t header, struct thread *thread,
                           uint64_t deadline)
{
        (void)second;
        struct cpu *cpu = this_cpu();
        struct slot *by = handle_recall(&thread->task->handles, handle, &thread->right_slot);
        struct thread *receiver = find_receiver(by, header, true);
        if (!receiver)
                return message_call;
        struct slot *slot = receiver->reply_slot;
        unsigned priority = thread->run.priority, served = served_priority(receiver, priority);
        if (thread->inherited_deadline < deadline)
                deadline = thread->inherited_deadline;
        uint64_t now = clock_quick();
        if (slot->state != SLOT_KEPT || deadline <= now ||
            !sched_may_run(cpu, &receiver->run, served, now))
                return message_call;
        /* Not through the slot: the message may move it. */
        const struct right *right = container_of(by->object, struct right, object);
        uint64_t trace = thread_trace(cpu, thread);
        if (__builtin_expect(header >> REST > MESSAGE_WORDS, 0)) {
                if (!move_content(thread, receiver, header, priority, trace))
                        return message_call;
        } else if (__builtin_expect(right->port->detail, 0)) {
                header = add_detail(receiver, header, priority, trace);
        }

        /* The point of no return. */
        uint64_t badge = right->badge;
        serve_call(receiver, slot, &thread->call, right, priority, served, deadline, trace);
        sched_hand_over(cpu, &thread->run, THREAD_CALLING, &receiver->run, now);
        timer_set(&thread->call.timer, deadline);
        arch_resume(message_words(header), OUTCOME_OK, badge, slot->handle, header, deadline);
        return NULL;
}

/* To a receiver that is no more urgent than the thread, and runs when that waits. */
message_handler *fast_call_start(uint64_t handle, uint64_t second, uint64_t header,
                                 struct thread *thread, uint64_t deadline)
{
        struct cpu *cpu = this_cpu();
        struct slot *by = handle_recall(&thread->task->handles, handle, &thread->right_slot);
        const struct slot *of = handle_lookup(&thread->task->handles, second);
        struct thread *receiver = find_receiver(by, header, false);
        if (!receiver || !of || !slot_holds(of, OBJECT_CALL, RIGHT_CONTROL))
                return message_call_start;
        struct call *call = container_of(of->object, struct call, object);
        struct slot *slot = receiver->reply_slot;
        unsigned priority = thread->run.priority;
        uint64_t now = clock_quick(), words = header >> REST;
        if (call->status != CALL_IDLE || slot->state != SLOT_KEPT || words > MESSAGE_WORDS ||
            deadline <= now || receiver->base_priority > priority || slice_end(&thread->run) <= now)
                return message_call_start;

        /* The point of no return. */
        const struct right *right = container_of(by->object, struct right, object);
        serve_call(receiver, slot, call, right, priority, priority, deadline,
                   thread_trace(cpu, thread));
        call->incoming.buffer.length = call->incoming.caps = 0;
        context_set_message(&receiver->run.context, OUTCOME_OK, right->badge, slot->handle, header,
                            deadline, arch_words(cpu));
        sched_ready_equal(cpu, &receiver->run);
        timer_set(&call->timer, deadline);
        arch_resume(MESSAGE_WORDS, OUTCOME_OK, handle, second, header, deadline);
        return NULL;
}

message_handler *fast_send(uint64_t handle, uint64_t second, uint64_t header, struct thread *thread,
                           uint64_t deadline)
{
        (void)second;
        struct cpu *cpu = this_cpu();
        struct slot *by = handle_recall(&thread->task->handles, handle, &thread->right_slot);
        struct thread *receiver = find_receiver(by, header, false);
        if (!receiver || receiver->run.priority <= thread->run.priority ||
            cpu->highest_ready >= receiver->run.priority)
                return message_send;
        if (thread->inherited_deadline < deadline)
                deadline = thread->inherited_deadline;
        uint64_t now = clock_quick();
        if (deadline <= now)
                return message_send;
        const struct right *right = container_of(by->object, struct right, object);
        if (__builtin_expect(header >> REST > MESSAGE_WORDS, 0) &&
            !move_content(thread, receiver, header, thread->run.priority,
                          thread_trace(cpu, thread)))
                return message_send;

        /* The point of no return. */
        context_set_message(&thread->run.context, OUTCOME_OK, 0, 0, 0, 0, NULL);
        ring_remove(right->port->receivers, receiver, run.queue_link);
        receiver->messages++;
        sched_enqueue(cpu, &thread->run, true);
        sched_hand_over(cpu, &thread->run, THREAD_READY, &receiver->run, now);
        arch_resume(message_words(header), OUTCOME_OK, right->badge, 0,
                    message_with_flags(header, MESSAGE_ONE_WAY), deadline);
        return NULL;
}

/* The port of a receive right, if nothing can be received from it yet; else NULL. */
static inline struct port *find_quiet_port(struct thread *thread, uint64_t handle)
{
        struct slot *slot = handle_recall(&thread->task->handles, handle, &thread->port_slot);
        if (!slot_holds(slot, OBJECT_PORT, RIGHT_RECEIVE))
                return NULL;
        struct port *port = container_of(slot->object, struct port, object);
        return port->pending ? NULL : port;
}

/* The thread serves no call any more and waits for the next message. */
static inline void wait_for_message(struct thread *thread, struct port *port, uint64_t deadline)
{
        thread->inherited_priority = NOT_SERVING;
        thread->run.priority = thread->base_priority;
        thread->inherited_deadline = TIME_NEVER;
        thread->trace = 0;
        thread->receivers = &port->receivers;
        ring_append(port->receivers, thread, run.queue_link);
        timer_set(&thread->call.timer, deadline);
}

/* For one that tells somebody then, which may be itself: sched_resume(). */
static inline void wait_and_tell(struct thread *thread, struct port *port, uint64_t deadline)
{
        wait_for_message(thread, port, deadline);
        thread->run.state = THREAD_RECEIVING;
        this_cpu()->work |= WORK_CHOOSE;
}

/* With a signal, or after a call that is still to be answered. */
static __attribute__((noinline)) message_handler *
leave_receive(struct thread *thread, struct port *port, uint64_t deadline)
{
        call_leave(thread);
        wait_and_tell(thread, port, deadline);
        message_signal(thread);
        sched_resume(&thread->run);
        return NULL;
}

message_handler *fast_receive(uint64_t handle, uint64_t second, uint64_t header,
                              struct thread *thread, uint64_t deadline)
{
        (void)header;
        struct port *port = find_quiet_port(thread, handle);
        if (!port || deadline <= clock_quick())
                return message_receive;

        /* The point of no return. */
        if (second || thread->serving)
                return leave_receive(thread, port, deadline);
        wait_for_message(thread, port, deadline);
        sched_leave(&thread->run, THREAD_RECEIVING);
        return NULL;
}

/* The thread has answered the call, and keeps the slot of its reply right. */
static inline void end_service(struct thread *thread, struct call *call, struct slot *slot)
{
        if (call->port)
                ring_remove(call->port->received, call, link);
        call->port = NULL;
        call->reply.slot = NULL;
        call->server = NULL;
        thread->serving = NULL;
        handle_keep(slot, thread);
}

/* The same for the answer to a call object, whose end may be told to anybody, or nobody yet. */
static __attribute__((noinline)) message_handler *
complete_receive(struct thread *thread, struct port *port, struct call *call, uint64_t header,
                 uint64_t deadline)
{
        uint64_t rest = header >> REST;
        if (call->status != CALL_RECEIVED || call->server != thread || deadline <= clock_quick() ||
            rest & (REST_UNUSUAL | REST_CONTENT) || (rest & REST_WORDS) > MESSAGE_WORDS)
                return message_reply_receive;

        /* The point of no return. */
        end_service(thread, call, call->reply.slot);
        wait_and_tell(thread, port, deadline);
        call_conclude(call, message_outcome(header), message_with_outcome(header, 0),
                      arch_words(this_cpu()));
        sched_resume(&thread->run);
        return NULL;
}

message_handler *fast_reply_receive(uint64_t handle, uint64_t second, uint64_t header,
                                    struct thread *thread, uint64_t deadline)
{
        struct cpu *cpu = this_cpu();
        struct port *port = find_quiet_port(thread, handle);
        struct slot *slot = thread->reply_slot;
        if (!port || slot->handle != second || slot->state != SLOT_REPLY)
                return message_reply_receive;
        struct call *call = container_of(slot->reply, struct call, reply);
        struct thread *caller = call->thread;
        if (!caller)
                return complete_receive(thread, port, call, header, deadline);
        /* The call that the thread serves, or one that nobody does while it serves none. */
        if (caller->stop_wanted || (call->server != thread && (call->server || thread->serving)))
                return message_reply_receive;
        uint64_t now = clock_quick(), rest = header >> REST, outcome = OUTCOME_OK;
        if (deadline <= now || !sched_may_run(cpu, &caller->run, caller->run.priority, now))
                return message_reply_receive;
        if (__builtin_expect(rest > MESSAGE_WORDS, 0)) {
                if (rest & REST_UNUSUAL || (rest & REST_WORDS) > MESSAGE_WORDS)
                        return message_reply_receive;
                if (call->is_fault)
                        return message_reply_receive; /* it has bytes, or stops the thread */
                if (rest & REST_CONTENT && !transfer_page(thread, caller, header, 0, 0))
                        return message_reply_receive;
                outcome = message_outcome(header);
                header = message_with_outcome(header, 0);
                rest &= REST_WORDS;
        }

        /* The point of no return. */
        end_service(thread, call, slot);
        wait_for_message(thread, port, deadline);
        sched_hand_over(cpu, &thread->run, THREAD_RECEIVING, &caller->run, now);
        bool is_fault = call->is_fault;
        call->status = CALL_IDLE;
        if (is_fault)
                arch_resume_saved();
        else
                arch_resume(rest, outcome, 0, 0, header, 0);
        return NULL;
}

/* All of it: nothing of it waits or wakes, and the message has no words. */
message_handler *fast_call_finish(uint64_t handle, uint64_t second, uint64_t header,
                                  struct thread *thread, uint64_t deadline)
{
        (void)second, (void)header, (void)deadline;
        struct object *object;
        outcome_t outcome =
            handle_object(&thread->task->handles, handle, &call_type, RIGHT_CONTROL, &object);
        if (outcome == OUTCOME_OK)
                call_finish(container_of(object, struct call, object), thread);
        else
                context_set_message(&thread->run.context, outcome, 0, 0, 0, 0, NULL);
        arch_resume_saved();
        return NULL;
}

/* There is no fast path for it. */
message_handler *fast_reply(uint64_t handle, uint64_t second, uint64_t header,
                            struct thread *thread, uint64_t deadline)
{
        (void)handle, (void)second, (void)header, (void)thread, (void)deadline;
        return message_reply;
}
