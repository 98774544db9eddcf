/* Sending and receiving messages.
 *
 *      struct message   what is sent: a request, a one-way message, or an answer
 *      struct arrival   where an incoming message or an answer goes, and what came
 *
 * The caller fills `buffer`, `capacity` and `most_caps` of an arrival; everything else is written
 * by the call. Handles that arrive belong to the caller from then on (arrival_drop closes them
 * all).
 *
 * A struct message is read, never kept: only the buffers of rt_call_start must stay until
 * rt_call_finish. Context of all functions: a thread with a runtime block (block.h); also the
 * handler of Linux system calls. Programs mostly use the generated stubs of servers/proto
 * instead. */
#ifndef RT_MESSAGE_H
#define RT_MESSAGE_H

#include <stdbool.h>
#include "servers/rt/message/registers.h"
#include "servers/rt/message/shape.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"

struct message {
        uint16_t interface, method;
        uint8_t word_count;
        uint8_t buffer_count;
        uint8_t cap_count;
        uint8_t flags;     /* MESSAGE_IDEMPOTENT; MESSAGE_ONE_WAY with rt_call_start */
        outcome_t outcome; /* of an answer; 0 in requests */
        uint8_t set_priority;
        uint8_t priority; /* with set_priority: sent with this priority and trace id */
        uint64_t trace;
        uint64_t words[MESSAGE_WORDS];
        struct message_buffer buffers[MESSAGE_SEND_BUFFERS];
        struct send_cap caps[MESSAGE_CAPS];
};

_Static_assert(offsetof(struct message, words) == 24, "message_clear() is a few stores");

/* Makes it an empty message. Its arrays are only read as far as it counts them: they stay. */
static inline void message_clear(struct message *message)
{
        __builtin_memset(message, 0, offsetof(struct message, words)); /* no call of libc */
}

struct arrival {
        /* filled in before */
        void *buffer;
        size_t capacity;    /* bytes */
        unsigned most_caps; /* capabilities taken, 0 to MESSAGE_CAPS */

        /* written: what came in the registers … */
        union {
                struct message_registers registers;
                struct {
                        uint64_t badge; /* of a received message: the right that it came by */
                        handle_t reply; /* of a received call: to answer it; else 0 */
                        uint64_t header;
                        uint64_t deadline; /* of a received call */
                        uint64_t words[MESSAGE_WORDS];
                };
        };

        /* … and in the header and the thread's block */
        uint16_t interface, method;
        uint8_t flags; /* MESSAGE_ONE_WAY, MESSAGE_IDEMPOTENT */
        uint8_t priority;
        uint8_t word_count, cap_count;
        uint64_t trace;
        size_t bytes; /* of the buffer */
        struct received_cap caps[MESSAGE_CAPS];
};

_Static_assert(offsetof(struct arrival, words) == offsetof(struct arrival, registers.words),
               "the registers by their names");

/* A capability to be sent, with all its rights; flags of enum send_cap_flags. cap_copy keeps the
 * sender's handle, cap_move gives it away; cap_share is a copy that passes a memory object itself,
 * not a snapshot. */
static inline struct send_cap send_cap(handle_t handle, unsigned flags)
{
        return (struct send_cap){.handle = handle, .rights = RIGHTS_ALL, .flags = flags};
}

static inline struct send_cap cap_copy(handle_t handle)
{
        return send_cap(handle, 0);
}

static inline struct send_cap cap_move(handle_t handle)
{
        return send_cap(handle, SEND_CAP_MOVE);
}

static inline struct send_cap cap_share(handle_t handle)
{
        return send_cap(handle, SEND_CAP_SHARE);
}

/* Says where what arrives is to go. */
static inline void arrival_prepare(struct arrival *arrival, void *buffer, size_t capacity,
                                   unsigned most_caps)
{
        arrival->buffer = buffer;
        arrival->capacity = capacity;
        arrival->most_caps = most_caps;
}

/* Sends a request and waits for the answer, until `deadline` (absolute ns; capped by the call that
 * the thread serves). `reply` may be NULL if nothing but the outcome is wanted. Returns the outcome
 * of the call, the answer's own included. Handles to be moved are gone if the request was
 * delivered, else they are closed: in either case the caller no longer has them. */
outcome_t rt_call(handle_t right, uint64_t deadline, const struct message *message,
                  struct arrival *reply);

/* Sends a one-way message: ok when the receiver has it. Moved handles as with rt_call. */
outcome_t rt_send(handle_t right, uint64_t deadline, const struct message *message);

/* Waits for a message on a port. DEADLINE (not executed) if none comes. */
outcome_t rt_receive(handle_t port, uint64_t deadline, struct arrival *arrival);

/* Signals bits of an event (0: none), then waits as rt_receive does, in one system call: the
 * signalled thread runs once this one has gone to sleep, which saves a switch. A signal that cannot
 * be given (the event is gone) is dropped. */
outcome_t rt_signal_receive(handle_t port, handle_t event, uint64_t bits, uint64_t deadline,
                            struct arrival *arrival);

/* Answers a call; never blocks. The reply right is used up, whatever the outcome; if the answer
 * could not be delivered as it is (the caller's buffer is too small), the caller gets that reason
 * instead. Moved handles as with rt_call. */
outcome_t rt_reply(handle_t reply, const struct message *message);

/* Answers with an outcome alone. */
outcome_t rt_reply_outcome(handle_t reply, outcome_t outcome);

/* Answers `reply` (0: nothing to answer), then waits for the next message, in one system call where
 * the answer carries no capabilities. */
outcome_t rt_reply_receive(handle_t port, handle_t reply, const struct message *message,
                           uint64_t deadline, struct arrival *arrival);

/* The asynchronous form, with a call object of rt_server_call or sys_call_create: never blocks; its
 * completion comes to the port or the event that the object was made with. `space` says where the
 * answer will go (buffer, capacity, most_caps); that memory and the message's buffers must stay
 * until the call is collected. The deadline is capped by that of the request that this thread
 * serves. Moved handles are closed if the start fails; if the outcome collected later is *not
 * executed*, they are the caller's again, unless a receiver that speaks for another (RIGHT_PROXY)
 * says so: then they are gone. */
outcome_t rt_call_start(handle_t right, handle_t call, uint64_t deadline,
                        const struct message *message, const struct arrival *space);

/* Collects the outcome and the answer: BUSY (not executed) while it is in progress. `reply` must
 * have the buffer, capacity and most_caps of the start. */
outcome_t rt_call_finish(handle_t call, struct arrival *reply);

/* Cancels a call in progress; its outcome still comes, through rt_call_finish. */
static inline outcome_t rt_call_cancel(handle_t call)
{
        return sys_call_cancel(call);
}

/* Takes a received capability as a handle of one's own and marks it taken; a right to one's own
 * port becomes a newly issued handle. 0 if that failed. */
handle_t cap_take(struct received_cap *cap);

/* Closes all capabilities of an arrival that were not taken. */
void arrival_drop(struct arrival *arrival);

/* Adds the index-th optional word to a message that has its `base` other words, in the order of
 * their indices; one that is not given adds nothing (shape.h). For generated stubs. */
static inline void message_optional(struct message *message, unsigned base, unsigned index,
                                    struct optional_word value)
{
        if (!value.given)
                return;
        if (message->word_count == base)
                message->words[message->word_count++] = 0;
        message->words[base] |= 1ull << index;
        message->words[message->word_count++] = value.word;
}

/* The same of bytes; NULL is not given. */
static inline void message_optional_bytes(struct message *message, unsigned base, unsigned index,
                                          const void *bytes, size_t length)
{
        if (!bytes)
                return;
        message_optional(message, base, index, optional_word(length));
        message->buffers[message->buffer_count++] =
            (struct message_buffer){(uint64_t)bytes, length};
}

/* Whether an answer is of the shape (parameters_check). If not, its capabilities are closed. For
 * generated stubs. */
bool answer_check(struct arrival *answer, struct shape shape);

#endif
