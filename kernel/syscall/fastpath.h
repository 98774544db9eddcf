/* The fast path: a short message to a waiting thread, and a short answer, straight from context to
 * context and from thread to thread. It has the same effect as ipc/call.c and ipc/port.c, or none:
 * message_call(), message_send(), message_receive() and message_reply_receive() first check for
 * anything unusual, and take the slow path if they find it.
 *
 * It switches threads itself, so that the entry returns to user mode at once: sched_hand_over().
 *
 * Context: kernel lock held. */
#ifndef KERNEL_SYSCALL_FASTPATH_H
#define KERNEL_SYSCALL_FASTPATH_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/arch/entry.h"
#include "kernel/ipc/fault.h"

/* The slow path: the same system calls in general. */
message_handler message_call_slow, message_send_slow, message_receive_slow,
    message_reply_receive_slow;

/* Sends a fault of the current thread through the right, whose port lives. False: take the slow
 * path; nothing has changed except the content of the receiver's buffer. */
bool fastpath_fault(struct thread *thread, struct right *right, const uint64_t words[FAULT_WORDS]);

#endif
