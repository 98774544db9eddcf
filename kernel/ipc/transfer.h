/* Moving the content of a message from one task to another: bytes and capabilities.
 *
 * The sender's side is a struct outgoing, with its capabilities already taken into transit; the
 * receiver's side is a struct incoming. transfer() first checks everything (too long, too many
 * capabilities, missing pages, no room for handles) and only then moves anything: after its point
 * of no return nothing can fail.
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
        uint16_t rights;     /* those that the receiver gets, of those that the slot keeps */
        bool share;          /* memory: the object itself, not a snapshot */
};

struct outgoing {
        uint64_t header;
        const uint64_t *words;
        struct task *task;        /* that the addresses and handles belong to */
        const void *kernel_bytes; /* if not NULL: `bytes` bytes of the kernel's own */
        uint32_t bytes;
        uint8_t buffer_count, cap_count;
        uint8_t priority;
        uint64_t trace;
        struct message_buffer buffers[MESSAGE_SEND_BUFFERS];
        struct transit caps[MESSAGE_CAPS];
};

struct incoming {
        struct task *task;
        uint64_t reflect; /* of the thread */
        struct message_buffer buffer;
        uint32_t caps; /* at most so many are accepted */
};

struct transferred {
        uint32_t bytes;
        struct received_cap caps[MESSAGE_CAPS];
};

/* Fills in what a thread sends: checks the header, reads the block if the header says so, takes
 * capabilities into transit. Malformed, fault, bad handle, refused; nothing has changed then. */
outcome_t outgoing_prepare(struct outgoing *outgoing, struct thread *thread, uint64_t header);

/* Returns the moved capabilities to their handles: the message was not executed. */
void outgoing_restore(struct outgoing *outgoing);

/* Drops the capabilities of a message that nobody will receive. */
void outgoing_release(struct outgoing *outgoing);

/* Where a thread receives messages and replies, from its block; all zero without a block. */
void incoming_prepare(struct incoming *incoming, struct thread *thread);

enum transfer_result {
        TRANSFER_OK,
        TRANSFER_SENDER_FAULT,   /* a page of the sender is not mapped */
        TRANSFER_RECEIVER_FAULT, /* a page of the receiver is not mapped writable */
        TRANSFER_TOO_LONG,       /* more bytes or capabilities than the receiver accepts */
        TRANSFER_NO_MEMORY,      /* the receiver's account cannot pay for the capabilities */
};

/* Moves bytes and capabilities, but no words. `handles`: how many more handles to reserve in the
 * receiver's table for the caller. */
enum transfer_result transfer(struct outgoing *outgoing, const struct incoming *incoming,
                              unsigned handles, struct transferred *transferred);

/* The same for the common case: one buffer of at most a page, one capability that is neither a
 * port, a reply right nor memory, or both; also fills in the receiver's block, with `priority` and
 * `trace`. Leaves one handle at least in the receiver's table. False: not the common case; nothing
 * has changed except the content of the receiver's buffer. */
bool transfer_page(struct thread *from, struct thread *to, uint64_t header, unsigned priority,
                   uint64_t trace);

/* If `to` can receive `bytes` contiguously and aligned, fills in its block and returns where to
 * write; else NULL. */
void *transfer_place(struct thread *to, uint32_t bytes, unsigned priority, uint64_t trace);

/* Describes what a thread has received in its block, if it has one. */
void transferred_to_block(const struct transferred *transferred, unsigned caps, unsigned priority,
                          uint64_t trace, struct thread *thread);

#endif
