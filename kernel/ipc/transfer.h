/* How the content of a message gets from one task to another: words, bytes, capabilities.
 *
 * The sender's side is a struct outgoing: what it described, with its capabilities already taken
 * into transit. The receiver's side is a struct incoming. transfer() first checks everything (too
 * long, too many capabilities, pages that are not there, no room for handles), and only then moves
 * anything: after its point of no return nothing can fail.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_TRANSFER_H
#define KERNEL_IPC_TRANSFER_H

#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"
#include "kernel/object/object.h"

struct task;
struct thread;

struct transit {
        struct slot slot;    /* SLOT_TRANSIT, SLOT_TRANSIT_REPLY, or free: the object is gone */
        struct slot *origin; /* the reserved handle that it was moved from, NULL: a copy */
        bool share;          /* memory: the object itself, not a snapshot */
};

struct outgoing {
        uint64_t header;
        const uint64_t *words;
        struct task *task;        /* whose addresses and handles these are */
        const void *kernel_bytes; /* the bytes are the kernel's own; `bytes` of them */
        uint32_t bytes;
        uint8_t buffer_count, cap_count;
        uint8_t priority;
        uint64_t trace;
        struct message_buffer buffers[MESSAGE_SEND_BUFFERS];
        struct transit caps[MESSAGE_CAPS];
};

struct incoming {
        struct task *task;
        struct message_buffer buffer;
        uint32_t caps; /* most that are taken */
};

struct transferred {
        uint32_t bytes;
        struct received_cap caps[MESSAGE_CAPS];
};

/* Fills in what a thread sends: the header is checked, the block read if it says so, capabilities
 * are taken into transit. On an error nothing has changed: malformed, fault, bad handle, refused.
 */
outcome_t outgoing_prepare(struct outgoing *outgoing, struct thread *thread, uint64_t header);

/* The message was not executed: the moved capabilities go back to their handles. */
void outgoing_restore(struct outgoing *outgoing);

/* The message's capabilities are released: it was delivered, or its answer is not wanted any more.
 */
void outgoing_release(struct outgoing *outgoing);

/* Where a thread takes messages and replies, as its block says; all zero without a block. */
void incoming_of_thread(struct incoming *incoming, struct thread *thread);

enum transfer_result {
        TRANSFER_OK,
        TRANSFER_SENDER_FAULT,   /* a page of the sender's is not there */
        TRANSFER_RECEIVER_FAULT, /* a page of the receiver's is not there, or not writable */
        TRANSFER_TOO_LONG,       /* more bytes or capabilities than the receiver takes */
        TRANSFER_NO_MEMORY,      /* the receiver's account cannot take the capabilities */
};

/* Moves bytes and capabilities; words and registers are the caller's work. `handles`: how many
 * handles the caller is going to make in the receiver's table besides, which cannot fail then. */
enum transfer_result transfer(struct outgoing *outgoing, const struct incoming *incoming,
                              unsigned handles, struct transferred *transferred);

/* The same for the most usual of messages, all of it: a page of bytes at most, from one buffer, no
 * capabilities. `priority` and `trace` are for the receiver's block. False: it is not one of these,
 * and nothing has changed but what lies in the receiver's buffer. */
bool transfer_quickly(struct thread *from, struct thread *to, unsigned priority, uint64_t trace);

/* Where a thread takes so many bytes, aligned for any type and in one piece, as they are to be
 * written there at once: its block says so already. NULL: it takes less, or elsewhere; nothing has
 * changed. */
void *transfer_place(struct thread *to, uint32_t bytes, unsigned priority, uint64_t trace);

/* Writes what was received into a thread's block, if it has one. */
void transferred_to_block(const struct transferred *transferred, unsigned caps, unsigned priority,
                          uint64_t trace, struct thread *thread);

#endif
