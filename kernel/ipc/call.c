/* The life of a call. Whatever ends one goes through call_unlink(), which takes it off the port's
 * list, the right's list, the timer and the reply slot together: none of them outlives the others.
 */
#include "kernel/ipc/service.h"
#include "kernel/debug/log.h"
#include "kernel/debug/panic.h"
#include "kernel/arch/arch.h"
#include "kernel/account/account.h"
#include "kernel/task/task.h"
#include "kernel/task/wait.h"
#include "kernel/sched/sched.h"

static void call_expired(struct timer *timer);
static void call_reply_dropped(struct reply *reply);

void call_init(struct call *call, struct thread *thread, struct task *task)
{
        call->thread = thread;
        call->task = task;
        list_init(&call->link);
        list_init(&call->right_link);
        call->reply.dropped = call_reply_dropped;
        timer_init(&call->timer, call_expired);
        binding_init(&call->completion);
        source_init(&call->source);
}

struct call *call_create(struct task *task)
{
        struct call *call = account_alloc(task->object.account, sizeof(*call));
        if (!call)
                return NULL;
        object_init(&call->object, &call_type, task->object.account);
        call_init(call, NULL, task);
        call->incoming.task = task;
        return call;
}

/* Closes the handles that came with a reply which nobody will collect. */
static void discard_received(struct call *call)
{
        for (unsigned i = 0; i < message_caps(call->reply_header); i++) {
                struct slot *slot =
                    handle_slot(&call->task->handles, call->transferred.caps[i].handle);
                if (!slot || call->transferred.caps[i].own)
                        continue;
                slot_clear(slot);
                handle_free(slot);
        }
}

static void call_destroy(struct object *object)
{
        struct call *call = container_of(object, struct call, object);
        object->dying = true;
        call_abandon(call);
        if (call->state == CALL_DONE && call->task->alive)
                discard_received(call);
        timer_end(&call->timer);
        binding_clear(&call->completion);
        source_unbind(&call->source);
        object_free(object);
}

const struct object_type call_type = {
    .kind = OBJECT_CALL,
    .bound = true,
    .destroy = call_destroy,
    .unreferenced = call_destroy,
};

/* ---- results ---- */

static void put_reply(struct context *context, outcome_t outcome, uint64_t header,
                      const uint64_t *words)
{
        context_set_message(context, outcome, 0, 0, header, 0, words);
}

uint64_t call_received_header(uint64_t header, unsigned flags)
{
        uint64_t kept = header & 0x000000ffffffffffull;
        return message_with_flags(kept, flags | (message_flags(header) & MESSAGE_IDEMPOTENT));
}

/* The call leaves its right, which may have lived for that call alone. */
static void leave_right(struct call *call)
{
        if (!list_empty(&call->right_link)) {
                list_remove(&call->right_link);
                object_released(&call->right->object);
        }
        call->right = NULL;
}

/* The answer is not wanted any more: whoever serves the call is told, once. */
static void disown(struct call *call, struct slot *reply, struct port *port)
{
        if (call->disowned || !port || reply->state == SLOT_TRANSIT_REPLY)
                return;
        call->disowned = true;
        list_append(&port->disowned, &reply->link);
        port_notify(port);
}

/* The reply right, with its call gone: a handle stays, to say why. */
static void reply_end(struct call *call, struct port *port, enum reason reason)
{
        struct slot *reply = call->reply.slot;
        call->reply.slot = NULL;
        if (reply->state != SLOT_REPLY) {
                list_remove(&reply->link);
                reply->state = SLOT_FREE;
                return;
        }
        slot_set_dead(reply, reason);
        reply->badge = call->badge;
        disown(call, reply, port);
}

void call_leave(struct thread *server)
{
        if (server->serving)
                server->serving->server = NULL;
        server->serving = NULL;
}

/* The call is served no more. The thread that did is to receive again: until then it keeps the
 * priority of what waits for that. */
static void service_end(struct call *call)
{
        struct thread *server = call->server;
        const struct port *port = call->port;
        if (!server)
                return;
        call_leave(server);
        thread_inherit(server,
                       port && !list_empty(&port->queue)
                           ? container_of(port->queue.next, struct call, link)->request.priority
                           : 0);
}

void call_unlink(struct call *call, enum reason reason)
{
        struct port *port = call->port;
        if (call->state == CALL_RECEIVED && port)
                ring_remove(port->received, call, link);
        else
                list_remove(&call->link);
        service_end(call);
        call->port = NULL;
        leave_right(call);
        if (call->reply.slot)
                reply_end(call, port, reason);
}

void call_conclude(struct call *call, outcome_t outcome, uint64_t header, const uint64_t *words)
{
        struct thread *thread = call->thread;
        if (!thread) {
                call->state = CALL_DONE;
                call->outcome = outcome;
                call->reply_header = header;
                for (unsigned i = 0; i < message_words(header); i++)
                        call->words[i] = words[i];
                binding_signal(&call->completion);
                if (call->source.port)
                        source_ready(&call->source, &call->source.port->completed);
                return;
        }
        call->state = CALL_IDLE;
        if (!call->is_fault)
                put_reply(&thread->run.context, outcome, header, words);
        else if (outcome != OUTCOME_OK)
                thread->stop_wanted = true;
        call->is_fault = false;
}

void call_raise(struct call *call, unsigned priority, unsigned depth)
{
        if (call->state == CALL_QUEUED && priority > call->request.priority) {
                call->request.priority = (uint8_t)priority;
                port_place(call->port, call);
        }
        if (depth == 0)
                return;
        if (call->state == CALL_RECEIVED && call->server)
                thread_raise(call->server, priority, depth - 1);
        else if (call->port)
                port_raise(call->port, priority, depth - 1);
}

void call_end(struct call *call, outcome_t outcome)
{
        call_unlink(call, outcome_reason(outcome));
        outgoing_restore(&call->request);
        if (call->is_fault) {
                log_print("task %lu: a thread has faulted, and stops: no answer, %x\n",
                          call->task->object.identity, outcome);
                this_cpu()->work |= WORK_LINE;
        }
        call_conclude(call, outcome, 0, NULL);
        if (call->thread)
                thread_resume(call->thread);
}

static void call_reply_dropped(struct reply *reply)
{
        call_end(container_of(reply, struct call, reply), perhaps_executed(REASON_RECEIVER_DIED));
}

void call_abandon(struct call *call)
{
        if (call->state != CALL_QUEUED && call->state != CALL_RECEIVED)
                return;
        call_unlink(call, REASON_CANCELLED);
        outgoing_restore(&call->request);
        call->state = CALL_IDLE;
        call->is_fault = false;
}

/* The timer of a thread's own call also serves for whatever else the thread waits for. */
static void call_expired(struct timer *timer)
{
        struct call *call = container_of(timer, struct call, timer);
        if (call->state == CALL_QUEUED)
                call_end(call, not_executed(REASON_DEADLINE));
        else if (call->state == CALL_RECEIVED)
                call_end(call, perhaps_executed(REASON_DEADLINE));
        else if (call->thread)
                thread_wait_expired(call->thread);
}

/* ---- delivery ---- */

/* For the reply right. */
static unsigned handles_wanted(const struct call *call, const struct thread *receiver)
{
        return call->one_way || receiver->reply_slot->state == SLOT_KEPT ? 0 : 1;
}

/* Bytes and capabilities, which a short message has not. */
static enum transfer_result deliver_content(struct call *call, struct thread *receiver,
                                            struct transferred *transferred)
{
        struct registers registers;
        struct incoming incoming;
        incoming_prepare(&incoming, receiver);
        if (call->is_fault) {
                context_registers(&call->thread->run.context, &registers);
                call->request.kernel_bytes = &registers;
                call->request.bytes =
                    incoming.buffer.length >= sizeof(registers) ? (uint32_t)sizeof(registers) : 0;
        }
        return transfer(&call->request, &incoming, handles_wanted(call, receiver), transferred);
}

static enum call_delivery delivery_failed(struct call *call, struct thread *receiver,
                                          enum transfer_result result)
{
        static const uint8_t reasons[] = {
            [TRANSFER_SENDER_FAULT] = REASON_FAULT,
            [TRANSFER_TOO_LONG] = REASON_TOO_LONG,
            [TRANSFER_NO_MEMORY] = REASON_OVERLOADED,
        };
        if (result == TRANSFER_RECEIVER_FAULT) {
                receiver->run.context.outcome = not_executed(REASON_FAULT);
                return CALL_RECEIVER_FAILED;
        }
        call_end(call, not_executed(reasons[result]));
        return CALL_SENDER_FAILED;
}

/* From now on the receiver serves this call, with its priority, deadline and trace id. */
static void begin_service(struct call *call, struct thread *receiver)
{
        if (receiver->reply_slot->state != SLOT_KEPT)
                receiver->reply_slot = handle_take(&receiver->task->handles);
        receiver->run.context.reply = receiver->reply_slot->handle;
        leave_right(call);
        list_remove(&call->link);
        call->state = CALL_RECEIVED;
        call->disowned = false;
        thread_inherit(receiver, call->request.priority);
        service_begin(call, receiver, receiver->reply_slot, call->request.priority, call->deadline,
                      call->request.trace);
}

enum call_delivery call_deliver(struct call *call, struct thread *receiver)
{
        const struct outgoing *request = &call->request;
        struct transferred transferred;
        transferred.bytes = 0;
        unsigned caps = request->cap_count;
        bool content = request->bytes || caps || call->is_fault;
        enum transfer_result result = TRANSFER_OK;
        if (content)
                result = deliver_content(call, receiver, &transferred);
        else if (!handle_reserve(&receiver->task->handles, handles_wanted(call, receiver)))
                result = TRANSFER_NO_MEMORY;
        if (result != TRANSFER_OK)
                return delivery_failed(call, receiver, result);

        unsigned flags = call->one_way ? MESSAGE_ONE_WAY : 0;
        if (content || call->port->detail) {
                transferred_to_block(&transferred, caps, request->priority, request->trace,
                                     receiver);
                flags |= MESSAGE_BLOCK;
        }
        context_set_message(&receiver->run.context, OUTCOME_OK, call->badge, 0,
                            call_received_header(request->header, flags), call->deadline,
                            request->words);
        receiver->messages++;
        if (!call->one_way) {
                begin_service(call, receiver);
        } else {
                call_unlink(call, 0);
                call_conclude(call, OUTCOME_OK, 0, NULL);
                if (call->thread)
                        thread_resume(call->thread);
        }
        return CALL_DELIVERED;
}

/* During delivery the thread is not on the port's list: dropping a right that comes home may cause
 * a no-senders notice, which has to wait for the next receive. */
struct thread *call_deliver_to_waiting(struct call *call)
{
        struct port *port = call->port;
        while (port->receivers) {
                struct thread *receiver = port->receivers;
                ring_remove(port->receivers, receiver, run.queue_link);
                switch (call_deliver(call, receiver)) {
                case CALL_DELIVERED:
                        return receiver;
                case CALL_SENDER_FAILED:
                        ring_prepend(port->receivers, receiver, run.queue_link);
                        port_notify(port);
                        return NULL;
                case CALL_RECEIVER_FAILED:
                        thread_resume(receiver);
                        break;
                }
        }
        port_enqueue(port, call);
        return NULL;
}

/* ---- making calls ---- */

void call_enter(struct call *call, struct right *right, uint64_t deadline)
{
        kassert(call->state == CALL_IDLE && right->port && !call->port && !call->reply.slot);
        call->right = right;
        call->port = right->port;
        call->badge = right->badge;
        call->proxy = right->proxy;
        call->deadline = deadline;
        call->state = CALL_QUEUED;
        timer_set(&call->timer, deadline);
}

/* Checks the arguments and fills in the call; on an error nothing has changed. */
static outcome_t call_prepare(struct call *call, struct thread *thread, uint64_t deadline)
{
        const struct context *context = &thread->run.context;
        struct object *object;
        outcome_t outcome = handle_object(&thread->task->handles, context->handle, &right_type,
                                          RIGHT_SEND, &object);
        if (outcome != OUTCOME_OK)
                return outcome;
        struct right *right = container_of(object, struct right, object);
        outcome = right_check(right);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (message_interface(context->header) == 0)
                return not_executed(REASON_MALFORMED);
        if (deadline != TIME_NEVER && deadline <= clock_now())
                return not_executed(REASON_DEADLINE);
        outcome = outgoing_prepare(&call->request, thread, context->header);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!call->request.trace)
                call->request.trace = thread_trace(this_cpu(), thread);
        call_enter(call, right, deadline);
        return OUTCOME_OK;
}

void call_begin(struct thread *thread, bool one_way)
{
        struct call *call = &thread->call;
        struct context *context = &thread->run.context;
        uint64_t deadline = context->deadline;
        if (deadline > thread->inherited_deadline)
                deadline = thread->inherited_deadline;
        outcome_t outcome = call_prepare(call, thread, deadline);
        if (outcome != OUTCOME_OK) {
                put_reply(context, outcome, 0, NULL);
                return;
        }
        call->one_way = one_way;
        call->request.words = context->word;
        thread->run.state = THREAD_CALLING;
        sched_unready(&thread->run);
        struct thread *receiver = call_deliver_to_waiting(call);
        if (receiver && one_way)
                thread_resume(receiver);
        else if (receiver)
                thread_resume_now(receiver);
}

outcome_t call_start(struct call *call, struct thread *thread)
{
        uint64_t header = thread->run.context.header;
        kassert(call->task == thread->task);
        if (call->state != CALL_IDLE)
                return not_executed(REASON_BUSY);
        outcome_t outcome = call_prepare(call, thread, thread->run.context.deadline);
        if (outcome != OUTCOME_OK)
                return outcome;
        call->one_way = message_flags(header) & MESSAGE_ONE_WAY;
        for (unsigned i = 0; i < message_words(header); i++)
                call->words[i] = thread->run.context.word[i];
        call->request.words = call->words;
        call->incoming.buffer.length = call->incoming.caps = 0;
        if (message_flags(header) & MESSAGE_BLOCK)
                incoming_prepare(&call->incoming, thread);
        struct thread *receiver = call_deliver_to_waiting(call);
        if (receiver)
                thread_resume(receiver);
        return OUTCOME_OK;
}

void call_finish(struct call *call, struct thread *thread)
{
        kassert(call->task == thread->task);
        if (call->state != CALL_DONE) {
                put_reply(&thread->run.context, not_executed(REASON_BUSY), 0, NULL);
                return;
        }
        call->status = CALL_IDLE;
        list_remove(&call->source.ready);
        put_reply(&thread->run.context, call->outcome, call->reply_header, call->words);
        if (message_flags(call->reply_header) & MESSAGE_BLOCK)
                transferred_to_block(&call->transferred, message_caps(call->reply_header), 0, 0,
                                     thread);
}

outcome_t call_cancel(struct call *call)
{
        switch (call->state) {
        case CALL_QUEUED:
                call_end(call, not_executed(REASON_CANCELLED));
                return OUTCOME_OK;
        case CALL_RECEIVED:
                disown(call, call->reply.slot, call->port);
                return OUTCOME_OK;
        default:
                return not_executed(REASON_NOT_RUNNING);
        }
}
