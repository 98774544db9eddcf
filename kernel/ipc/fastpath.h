/* The fast path: a short call to a server that waits, and its short answer, straight from context
 * to context and from thread to thread. It does what ipc/call.c and ipc/port.c would do, or
 * nothing: each function first checks that nothing unusual is in its way and returns false if there
 * is.
 *
 * Context: kernel lock held. */
#ifndef KERNEL_IPC_FASTPATH_H
#define KERNEL_IPC_FASTPATH_H

#include <stdbool.h>

struct thread;

/* The system call `call` of the current thread: words alone, to a port on which a thread waits. */
bool fastpath_call(struct thread *thread);

/* The system call `reply_receive` of the current thread: words alone, to a thread that called, with
 * nothing to be received yet. */
bool fastpath_reply_receive(struct thread *thread);

#endif
