/* Advisory locks of files that are memory: as those of a file server's files, whose table this is
 * (servers/rt/serve/file_locks.h). A client is a spawner, the folder can be locked, too.
 * Context: the one thread. */
#ifndef PROCESS_MEMORY_LOCKS_H
#define PROCESS_MEMORY_LOCKS_H

#include <stdbool.h>

#include "servers/rt/serve/serve.h"

/* The methods lock, lock_test and locker of interface file. */
outcome_t memory_lock_part(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                           uint64_t whole, uint64_t wait, uint64_t *locked);
outcome_t memory_lock_look(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                           uint64_t *kind_out, uint64_t *start_out, uint64_t *end_out,
                           uint64_t *process);
outcome_t memory_locker_make(struct request *request, uint64_t process, struct send_cap *locks);

/* No handle to the right of that badge is left: its locks end. */
void memory_locks_gone(uint64_t badge);

/* If the call waits for a lock, it does so no more, and is answered. False: it does not. */
bool memory_locks_cancel(handle_t reply);

#endif
