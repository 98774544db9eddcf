/* The fast path: a short message to a thread that waits for it, and a short answer, straight from
 * context to context and from thread to thread. It does what ipc/call.c and ipc/port.c would do, or
 * nothing: message_call(), message_send() and message_reply_receive() (syscall/syscall.h) first
 * check that nothing unusual is in their way, and take the slow way if there is.
 *
 * The switch is made here, so the entry can return to user mode at once: see sched_hand_over().
 *
 * Context: kernel lock held. */
#ifndef KERNEL_IPC_FASTPATH_H
#define KERNEL_IPC_FASTPATH_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/include/arch/arch.h"
#include "kernel/ipc/call.h"

/* The same system calls, whatever is in their way. */
message_handler message_call_slowly, message_send_slowly, message_receive_slowly,
    message_reply_receive_slowly;

/* A fault of the current thread as a call through the right, whose port lives, with these words.
 * False: something is in its way, and nothing has changed but what lies in the receiver's buffer.
 */
bool fastpath_fault(struct thread *thread, struct right *right, const uint64_t words[FAULT_WORDS]);

#endif
