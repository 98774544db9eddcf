/* The locks of files for who serves interface file: its methods lock and lock_test, of a table that
 * the server has (locks.h). Who asks is known by the badge of his right alone, so nobody can end,
 * or take over, what another holds.
 *
 * A server finds out whose right it is, and of which file. It tells when a right is gone, and when
 * a call is cancelled. Context of all functions: its one thread. */
#ifndef RT_FILE_LOCKS_H
#define RT_FILE_LOCKS_H

#include "servers/rt/serve/locks.h"
#include "servers/rt/serve/serve.h"

/* Who asks. */
struct lock_owner {
        uint64_t badge;
        uint64_t file, client, process; /* as in struct lock */
};

/* What a handler of file.lock returns. */
outcome_t file_locks_part(struct locks *locks, const struct request *request,
                          const struct lock_owner *owner, uint64_t kind, uint64_t start,
                          uint64_t end, uint64_t whole, uint64_t wait, uint64_t *locked);

/* What a handler of file.lock_test returns. */
outcome_t file_locks_look(const struct locks *locks, const struct lock_owner *owner, uint64_t kind,
                          uint64_t start, uint64_t end, uint64_t *kind_out, uint64_t *start_out,
                          uint64_t *end_out, uint64_t *process);

/* The locks of a right that is gone end; who waits for them goes on. */
void file_locks_gone(struct locks *locks, uint64_t badge);

/* If the call waits for a lock, it does so no more, and is answered. False: it does not. */
bool file_locks_cancel(struct locks *locks, handle_t reply);

#endif
