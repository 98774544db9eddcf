/* Answers to calls.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_REPLY_H
#define KERNEL_IPC_REPLY_H

#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

struct thread;

/* The system call reply. *caller: the thread that has its answer now, which the caller of this
 * function has to resume, or NULL. */
outcome_t call_reply(struct thread *thread, handle_t reply, uint64_t header,
                     struct thread **caller);

#endif
