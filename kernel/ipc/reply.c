/* Answers. All that can fail comes before the reply right is given up: after an error the server
 * still has it, and may answer again. */
#include "kernel/ipc/reply.h"
#include "kernel/debug/panic.h"
#include "kernel/ipc/call.h"
#include "kernel/object/handle.h"
#include "kernel/task/task.h"
#include "kernel/task/thread.h"

/* Moves the reply's content to the caller; the caller's outcome if that fails. */
static outcome_t reply_content(struct call *call, struct outgoing *reply, unsigned caps,
                               enum transfer_result *result)
{
        static const uint8_t reasons[] = {
            [TRANSFER_RECEIVER_FAULT] = REASON_FAULT,
            [TRANSFER_TOO_LONG] = REASON_TOO_LONG,
            [TRANSFER_NO_MEMORY] = REASON_NO_MEMORY,
        };
        struct transferred transferred;
        struct incoming incoming;
        if (call->thread)
                incoming_prepare(&incoming, call->thread);
        *result = transfer(reply, call->thread ? &incoming : &call->incoming, 0,
                           call->thread ? &transferred : &call->transferred);
        if (*result == TRANSFER_OK && call->thread)
                transferred_to_block(&transferred, caps, 0, 0, call->thread);
        return reasons[*result] ? perhaps_executed(reasons[*result]) : OUTCOME_OK;
}

/* The content of an answer to a fault: the thread's registers, in one piece. */
static outcome_t reply_registers(struct thread *thread, const struct outgoing *reply)
{
        if (reply->cap_count || reply->buffer_count != 1 ||
            reply->bytes != sizeof(struct registers))
                return not_executed(REASON_MALFORMED);
        return thread_set_registers(thread, &reply->task->space, reply->buffers[0].address);
}

/* What the caller is told: only a receiver that speaks for another can know that the request was
 * not executed; nor can that say busy, as call_finish does of a call that is under way. */
static outcome_t reply_outcome(const struct call *call, uint64_t header)
{
        outcome_t outcome = (outcome_t)message_outcome(header);
        if (outcome_class(outcome) != OUTCOME_NOT_EXECUTED ||
            (call->proxy && outcome != not_executed(REASON_BUSY)))
                return outcome;
        return answered(outcome_reason(outcome));
}

/* The call has ended before its answer: drops the answer and says why. */
static outcome_t reply_late(struct thread *thread, struct slot *slot, uint64_t header)
{
        struct outgoing reply;
        outcome_t reason = not_executed(slot->rights);
        if (outgoing_prepare(&reply, thread, header) == OUTCOME_OK)
                outgoing_release(&reply);
        list_remove(&slot->link);
        handle_free(slot);
        if (!thread->serving) {
                thread->inherited_deadline = TIME_NEVER;
                thread->trace = 0;
        }
        return reason;
}

outcome_t call_reply(struct thread *thread, handle_t handle, uint64_t header,
                     struct thread **caller)
{
        struct outgoing reply;
        struct slot *slot = handle_slot(&thread->task->handles, handle);
        *caller = NULL;
        if (!slot)
                return not_executed(REASON_BAD_HANDLE);
        if (slot->state == SLOT_DEAD)
                return reply_late(thread, slot, header);
        if (slot->state != SLOT_REPLY)
                return not_executed(REASON_WRONG_TYPE);
        struct call *call = container_of(slot->reply, struct call, reply);
        outcome_t outcome = outgoing_prepare(&reply, thread, header);
        if (outcome != OUTCOME_OK)
                return outcome;
        bool content = reply.bytes || reply.cap_count;
        if (slot->state != SLOT_REPLY || !outcome_valid((outcome_t)message_outcome(header)))
                outcome = not_executed(REASON_MALFORMED);
        else if (call->is_fault && content)
                outcome = reply_registers(call->thread, &reply);
        if (outcome != OUTCOME_OK) {
                outgoing_restore(&reply);
                return outcome;
        }
        unsigned caps = reply.cap_count, flags = 0;
        outcome_t failure = OUTCOME_OK;
        if (content && !call->is_fault) {
                enum transfer_result result;
                failure = reply_content(call, &reply, caps, &result);
                if (result == TRANSFER_SENDER_FAULT) {
                        outgoing_restore(&reply);
                        return not_executed(REASON_FAULT);
                }
                flags = MESSAGE_BLOCK;
        }
        kassert(call->state == CALL_RECEIVED && call->reply.slot == slot);
        call->reply.slot = NULL;
        list_remove(&slot->link);
        if (slot == thread->reply_slot)
                handle_keep(slot, thread);
        else
                handle_free(slot);
        if (call->server == thread) {
                thread->inherited_deadline = TIME_NEVER;
                thread->trace = 0;
        }
        call_unlink(call, 0);
        if (failure == OUTCOME_OK) {
                call_conclude(call, reply_outcome(call, header),
                              call_received_header(header, flags), thread->run.context.word);
        } else {
                outgoing_release(&reply);
                call_conclude(call, failure, 0, NULL);
        }
        *caller = call->thread;
        return OUTCOME_OK;
}
