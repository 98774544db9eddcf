/* Messages: what travels with call, send, receive and reply, and in which registers.
 *
 * `syscall` leaves thirteen general registers. A message system call uses them all:
 *
 *      register        in                              out
 *      rax             system call number              outcome
 *      rdi             handle: right, port or reply    badge of the right that the message came by
 *      rsi             second handle                   reply handle (0: one-way message)
 *      rdx             header; of receive: event bits  header
 *      r10             deadline                        deadline of the call received
 *      r8 r9 rbx rbp r12 r13 r14 r15   words 0 to 7    words 0 to 7, zero beyond the count
 *      rcx r11         (taken by the instruction)      undefined
 *
 * A message of at most eight words stays in registers. Bytes, capabilities and everything rarer are
 * described in the thread's `struct message_block`, which the kernel reads only if the header says
 * so (MESSAGE_BLOCK) and writes only if it sets MESSAGE_BLOCK in the header that it returns.
 *
 * Times are absolute: nanoseconds since the node's boot on the clock of clock_read(). A deadline of
 * 0 polls, TIME_NEVER waits for ever. A nested `call` cannot outlast the call that its thread is
 * serving; it inherits priority and trace id likewise.
 *
 * Interface 0 is the kernel's own: a sender that uses it is refused (malformed). */
#ifndef ABI_MESSAGE_H
#define ABI_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/rights.h"

enum {
        MESSAGE_WORDS = 8,
        MESSAGE_CAPS = 8,
        MESSAGE_SEND_BUFFERS = 4,
        MESSAGE_BYTES_MAX = 65536,
};

#define TIME_NEVER UINT64_MAX

/* Header: method 0..15, interface 16..31, words 32..35, capabilities 36..39, flags 40..47,
 * outcome 48..63 (of a reply: becomes the caller's outcome, if the replier may claim it: outcome.h;
 * an unknown class or a class without a reason is malformed; 0 in requests). */
enum message_flags {
        MESSAGE_BLOCK = 1 << 0,      /* in: read my block; out: your block was written */
        MESSAGE_ONE_WAY = 1 << 1,    /* received: no reply is expected; call_start: send one such */
        MESSAGE_IDEMPOTENT = 1 << 2, /* may be executed more than once */
};

static inline uint64_t message_header(unsigned interface, unsigned method, unsigned words)
{
        return (uint64_t)(interface & 0xffff) << 16 | (method & 0xffff) | (uint64_t)words << 32;
}

static inline unsigned message_method(uint64_t header)
{
        return header & 0xffff;
}

static inline unsigned message_interface(uint64_t header)
{
        return header >> 16 & 0xffff;
}

static inline unsigned message_words(uint64_t header)
{
        return header >> 32 & 0xf;
}

static inline unsigned message_caps(uint64_t header)
{
        return header >> 36 & 0xf;
}

static inline unsigned message_flags(uint64_t header)
{
        return header >> 40 & 0xff;
}

static inline unsigned message_outcome(uint64_t header)
{
        return header >> 48 & 0xffff;
}

static inline uint64_t message_with_caps(uint64_t header, unsigned caps)
{
        return (header & ~(0xfull << 36)) | (uint64_t)caps << 36;
}

static inline uint64_t message_with_flags(uint64_t header, unsigned flags)
{
        return header | (uint64_t)flags << 40;
}

static inline uint64_t message_with_outcome(uint64_t header, unsigned outcome)
{
        return (header & ~(0xffffull << 48)) | (uint64_t)outcome << 48;
}

struct message_buffer {
        uint64_t address;
        uint64_t length; /* bytes; the buffers of one message hold at most MESSAGE_BYTES_MAX */
};

/* A capability to send. A copy keeps the sender's handle, a move takes it once the message is
 * delivered; a reply right and a receive right are always moved. `rights` are kept of those that
 * the handle has. A memory object is passed as a snapshot unless SEND_CAP_SHARE asks for the object
 * itself, which never leaves the node. */
enum send_cap_flags { SEND_CAP_MOVE = 1 << 0, SEND_CAP_SHARE = 1 << 1 };

struct send_cap {
        handle_t handle;
        uint32_t rights;
        uint32_t flags;
};

/* A capability received. A right to a port of the receiver's own image arrives without a handle:
 * type OBJECT_PORT, `handle` the receiver's own handle of the port, `own` 1 and the badge. A port
 * is of a thread's image if its receive right is in the thread's task, made or received by a thread
 * with the same handler of Linux system calls (THREAD_SET_REFLECT): each image of a task has its
 * own. */
struct received_cap {
        handle_t handle;
        uint32_t rights;
        uint8_t type; /* enum object_kind */
        uint8_t own;
        uint16_t snapshot; /* memory: 1 if nobody else has it, 0: it is shared */
        uint64_t badge;    /* own: the badge; memory: its size in bytes; else 0 */
        uint64_t identity; /* of a right: its 64-bit identity, never reused; else 0 */
};

/* One per thread, 8-byte aligned within one page, set by THREAD_SET_BLOCK. The first part is
 * written by the program before a message system call; for call_start it is read at once, and the
 * buffers must stay until call_finish. */
struct message_block {
        struct message_buffer send[MESSAGE_SEND_BUFFERS];
        uint32_t send_count;
        uint8_t set_priority;  /* 1: use `priority` and `trace` below */
        uint8_t priority;      /* at most the sender's own */
        uint16_t receive_caps; /* most capabilities that this thread takes */
        uint64_t trace;        /* trace id; 0: of the call that it serves, or a new one */
        struct send_cap send_caps[MESSAGE_CAPS];
        struct message_buffer receive; /* where the bytes of a message or a reply go */

        /* Written by the kernel with MESSAGE_BLOCK. */
        uint32_t received_bytes;
        uint8_t received_priority;
        uint8_t reserved[3];
        uint64_t received_trace;
        struct received_cap received_caps[MESSAGE_CAPS];
};

_Static_assert(sizeof(struct message_block) == 496, "layout of the message block");
_Static_assert(offsetof(struct message_block, received_bytes) == 224, "written part");

/* Messages of interface 0, from the kernel. */
enum kernel_method {
#define NOTICE(name, method, ...) KERNEL_##name = (method),
#include "kernel/abi/notices.def"
#undef NOTICE
};

enum fault_reason {
        FAULT_PAGE = 1, /* address: what was accessed; error code: as the processor gives it */
        FAULT_INSTRUCTION = 2,
        FAULT_ARITHMETIC = 3,
        FAULT_PROTECTION = 4, /* general protection, stack, segment */
        FAULT_BREAKPOINT = 5,
        FAULT_ALIGNMENT = 6,
};

/* A thread's registers as KERNEL_FAULT and thread_registers give them, in the order in which the
 * kernel keeps them. Of a thread that waits in a message call, rax and the words are whatever they
 * were when it was in the kernel before. */
struct registers {
        uint64_t r8, r9, rbx, rbp, r12, r13, r14, r15; /* a message's words */
        uint64_t rdi, rsi, rdx, r10, rax, rcx, r11;
        uint64_t rip, rflags, rsp, fs_base, gs_base;
};

#endif
