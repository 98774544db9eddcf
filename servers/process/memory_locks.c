/* From a right to a file that is memory to the owner of its locks; see memory_locks.h. */
#include "servers/process/memory_locks.h"

#include "servers/process/memory_files.h"
#include "servers/process/memory_service.h"
#include "servers/process/process.h"
#include "servers/rt/serve/file_locks.h"

static struct locks locks;

/* The open file that the request came by; NULL: it came by none. */
static struct memory_open *owner_of(const struct request *request, struct lock_owner *owner)
{
        struct memory_open *open = memory_open_of_badge(request->badge);
        if (open)
                *owner = (struct lock_owner){
                    .badge = request->badge,
                    .file = open->file ? open->file->identity : FS_IDENTITY_MEMORY,
                    .client = open->spawner,
                    .process = open->process,
                };
        return open;
}

outcome_t memory_lock_part(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                           uint64_t whole, uint64_t wait, uint64_t *locked)
{
        struct lock_owner owner;
        return owner_of(request, &owner)
                   ? file_locks_part(&locks, request, &owner, kind, start, end, whole, wait, locked)
                   : answered(REASON_STALE);
}

outcome_t memory_lock_look(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                           uint64_t *kind_out, uint64_t *start_out, uint64_t *end_out,
                           uint64_t *process)
{
        struct lock_owner owner;
        return owner_of(request, &owner) ? file_locks_look(&locks, &owner, kind, start, end,
                                                           kind_out, start_out, end_out, process)
                                         : answered(REASON_STALE);
}

outcome_t memory_locker_make(struct request *request, uint64_t process, struct send_cap *right)
{
        const struct memory_open *open = memory_open_of_badge(request->badge);
        if (!open)
                return answered(REASON_STALE);
        if (open->locker)
                return answered(REASON_REFUSED);
        struct memory_open *locker = memory_locker(open, process);
        return locker ? memory_open_right(locker, right) : answered(REASON_OVERLOADED);
}

void memory_locks_gone(uint64_t badge)
{
        file_locks_gone(&locks, badge);
}

bool memory_locks_cancel(handle_t reply)
{
        return file_locks_cancel(&locks, reply);
}
