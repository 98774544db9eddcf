/* Faults of threads as calls to a fault handler.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_IPC_FAULT_H
#define KERNEL_IPC_FAULT_H

#include <stdint.h>
#include "kernel/abi/outcome.h"

struct right;
struct thread;

enum { FAULT_WORDS = 7 }; /* of KERNEL_FAULT */

/* Counts a fault and fills in the words that describe it. Returns the right of the living fault
 * handler; NULL: there is none, and the task has ended. */
struct right *fault_prepare(struct thread *thread, unsigned reason, uint64_t address,
                            uint64_t words[FAULT_WORDS]);

/* Makes the fault a call through the right; it is queued if no thread waits for it. */
void fault_send(struct thread *thread, struct right *right, const uint64_t words[FAULT_WORDS]);

/* Makes the thread fault where it is; its wait is cancelled. Not running: it is stopped; busy: it
 * has faulted already. */
outcome_t fault_request(struct thread *thread);

#endif
