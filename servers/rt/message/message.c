/* Messages between struct message, the registers and the thread's message block.
 *
 * The kernel reads the receiving part of the block whenever a message or an answer is delivered, so
 * it is written before every call and receive, even if nothing is wanted. The kernel reads the
 * sending part only if the header says so. */
#include "servers/rt/message/message.h"

#include "servers/rt/message/block.h"

/* Where a message or an answer may go; NULL: only registers. */
static void space_set(struct message_block *block, const struct arrival *space)
{
        block->receive.address = space ? (uint64_t)space->buffer : 0;
        block->receive.length = space ? space->capacity : 0;
        block->receive_caps = (uint16_t)(space ? space->most_caps : 0);
}

/* The sending part of the block; returns the flags that say so. */
static unsigned content_prepare(struct message_block *block, const struct message *message)
{
        unsigned count = 0;
        for (unsigned i = 0; i < message->buffer_count; i++)
                if (message->buffers[i].length)
                        block->send[count++] = message->buffers[i];
        block->send_count = count;
        block->set_priority = message->set_priority;
        block->priority = message->priority;
        block->trace = message->trace;
        for (unsigned i = 0; i < message->cap_count; i++)
                block->send_caps[i] = message->caps[i];
        return MESSAGE_BLOCK;
}

/* Puts a message into the registers and the block. Registers of words that it does not have keep
 * what is in them: the kernel passes none on. `with_space`: the kernel is to read the receiving
 * part of the block too (call_start). */
static inline void message_put(struct message_registers *registers, struct message_block *block,
                               const struct message *message, bool with_space)
{
        uint64_t header = message_header(message->interface, message->method, message->word_count);
        unsigned flags = message->flags & MESSAGE_IDEMPOTENT;
        header = message_with_outcome(header, message->outcome);
        if (message->buffer_count || message->cap_count || message->set_priority || with_space) {
                flags |= content_prepare(block, message);
                header = message_with_caps(header, message->cap_count);
        }
        registers->header = message_with_flags(header, flags);
        for (unsigned i = 0; i < message->word_count && i < MESSAGE_WORDS; i++)
                registers->words[i] = message->words[i];
}

/* Where a call goes, or a receive: the registers beside the message. */
static inline void target_set(struct message_registers *registers, handle_t handle, handle_t second,
                              uint64_t deadline)
{
        registers->handle = handle;
        registers->second = second;
        registers->deadline = deadline;
}

/* Closes handles that were to be moved and were not, since the sender no longer counts on them. A
 * handle that did move is a stale number; closing that does no harm. */
static void moved_close(const struct message *message)
{
        for (unsigned i = 0; i < message->cap_count; i++)
                if (message->caps[i].flags & SEND_CAP_MOVE)
                        sys_handle_close(message->caps[i].handle);
}

/* Nothing has come. */
static void arrival_empty(struct arrival *arrival)
{
        target_set(&arrival->registers, 0, 0, TIME_NEVER);
        arrival->header = 0;
}

/* Takes what the header says to be there. */
static inline void arrival_fill(struct arrival *arrival, const struct message_block *block)
{
        uint64_t header = arrival->header;
        arrival->interface = (uint16_t)message_interface(header);
        arrival->method = (uint16_t)message_method(header);
        arrival->flags = (uint8_t)message_flags(header);
        arrival->word_count = (uint8_t)message_words(header);
        arrival->bytes = 0;
        arrival->priority = 0;
        arrival->trace = 0;
        arrival->cap_count = 0;
        if (!(message_flags(header) & MESSAGE_BLOCK))
                return;
        arrival->bytes = block->received_bytes;
        arrival->priority = block->received_priority;
        arrival->trace = block->received_trace;
        arrival->cap_count = (uint8_t)message_caps(header);
        for (unsigned i = 0; i < arrival->cap_count; i++)
                arrival->caps[i] = block->received_caps[i];
}

/* The answer of a call that has ended; one that failed leaves no capabilities behind. */
static inline void answer_take(struct arrival *answer, const struct message_block *block,
                               outcome_t outcome)
{
        arrival_fill(answer, block);
        if (outcome != OUTCOME_OK)
                arrival_drop(answer);
}

/* Where the answer's registers go: `own`, if nothing but the outcome is wanted. */
static struct message_registers *registers_of(struct arrival *reply, struct message_registers *own)
{
        return reply ? &reply->registers : own;
}

/* ---- calls ---------------------------------------------------------------------------------- */

outcome_t rt_call(handle_t right, uint64_t deadline, const struct message *message,
                  struct arrival *reply)
{
        struct message_block *block = &runtime_block()->message;
        struct message_registers own;
        struct message_registers *registers = registers_of(reply, &own);
        target_set(registers, right, 0, deadline);
        message_put(registers, block, message, false);
        space_set(block, reply);
        outcome_t outcome = sys_message(SYSCALL_call, registers);
        if (outcome_class(outcome) == OUTCOME_NOT_EXECUTED)
                moved_close(message);
        if (reply)
                answer_take(reply, block, outcome);
        return outcome;
}

outcome_t rt_send(handle_t right, uint64_t deadline, const struct message *message)
{
        struct message_registers registers;
        target_set(&registers, right, 0, deadline);
        message_put(&registers, &runtime_block()->message, message, false);
        outcome_t outcome = sys_message(SYSCALL_send, &registers);
        if (outcome_class(outcome) == OUTCOME_NOT_EXECUTED)
                moved_close(message);
        return outcome;
}

/* ---- receiving and answering ---------------------------------------------------------------- */

/* Issues the system call whose registers are set, and takes what it brings. */
static inline outcome_t receive(uint64_t number, struct message_block *block,
                                struct arrival *arrival)
{
        space_set(block, arrival);
        outcome_t outcome = sys_message(number, &arrival->registers);
        if (outcome != OUTCOME_OK)
                arrival_empty(arrival);
        arrival_fill(arrival, block);
        return outcome;
}

outcome_t rt_signal_receive(handle_t port, handle_t event, uint64_t bits, uint64_t deadline,
                            struct arrival *arrival)
{
        target_set(&arrival->registers, port, event, deadline);
        arrival->header = bits;
        return receive(SYSCALL_receive, &runtime_block()->message, arrival);
}

outcome_t rt_receive(handle_t port, uint64_t deadline, struct arrival *arrival)
{
        return rt_signal_receive(port, 0, 0, deadline, arrival);
}

outcome_t rt_reply(handle_t reply, const struct message *message)
{
        struct message_registers registers;
        target_set(&registers, 0, reply, 0);
        message_put(&registers, &runtime_block()->message, message, false);
        outcome_t outcome = sys_message(SYSCALL_reply, &registers);
        if (outcome == OUTCOME_OK)
                return outcome;
        moved_close(message);
        /* A bad buffer or a stale handle in the answer is the server's mistake, for which the
         * caller must not wait. Without a caller this reply fails too, and changes nothing. */
        target_set(&registers, 0, reply, 0);
        registers.header = message_with_outcome(0, perhaps_executed(outcome_reason(outcome)));
        sys_message(SYSCALL_reply, &registers);
        return outcome;
}

outcome_t rt_reply_outcome(handle_t reply, outcome_t outcome)
{
        struct message message;
        message_clear(&message);
        message.outcome = outcome;
        return rt_reply(reply, &message);
}

outcome_t rt_reply_receive(handle_t port, handle_t reply, const struct message *message,
                           uint64_t deadline, struct arrival *arrival)
{
        if (!reply)
                return rt_receive(port, deadline, arrival);
        if (message->buffer_count || message->cap_count) {
                rt_reply(reply, message);
                return rt_receive(port, deadline, arrival);
        }
        struct message_block *block = &runtime_block()->message;
        target_set(&arrival->registers, port, reply, deadline);
        message_put(&arrival->registers, block, message, false);
        return receive(SYSCALL_reply_receive, block, arrival);
}

/* ---- asynchronous calls --------------------------------------------------------------------- */

outcome_t rt_call_start(handle_t right, handle_t call, uint64_t deadline,
                        const struct message *message, const struct arrival *space)
{
        struct runtime_block *own = runtime_block();
        struct message_registers registers;
        target_set(&registers, right, call, rt_earlier(deadline, own->serving_deadline));
        message_put(&registers, &own->message, message, space);
        registers.header = message_with_flags(registers.header, message->flags & MESSAGE_ONE_WAY);
        space_set(&own->message, space);
        outcome_t outcome = sys_message(SYSCALL_call_start, &registers);
        if (outcome != OUTCOME_OK)
                moved_close(message);
        return outcome;
}

outcome_t rt_call_finish(handle_t call, struct arrival *reply)
{
        struct message_registers own;
        struct message_registers *registers = registers_of(reply, &own);
        target_set(registers, call, 0, 0);
        registers->header = 0;
        outcome_t outcome = sys_message(SYSCALL_call_finish, registers);
        if (reply)
                answer_take(reply, &runtime_block()->message, outcome);
        return outcome;
}

/* ---- received capabilities ------------------------------------------------------------------ */

handle_t cap_take(struct received_cap *cap)
{
        handle_t handle = cap->handle;
        if (cap->own) {
                uint64_t issues;
                if (sys_right_issue(cap->handle, cap->badge, cap->rights, &handle, &issues) !=
                    OUTCOME_OK)
                        handle = 0;
        }
        *cap = (struct received_cap){0};
        return handle;
}

static void cap_drop(struct received_cap *cap)
{
        if (cap->handle && !cap->own)
                sys_handle_close(cap->handle);
        *cap = (struct received_cap){0};
}

void arrival_drop(struct arrival *arrival)
{
        for (unsigned i = 0; i < arrival->cap_count; i++)
                cap_drop(&arrival->caps[i]);
        arrival->cap_count = 0;
}

bool answer_check(struct arrival *answer, struct shape shape)
{
        if (parameters_check(answer->words, answer->word_count, answer->cap_count, answer->bytes,
                             shape))
                return true;
        arrival_drop(answer);
        return false;
}
