/* From the requests of interface file to the table of locks; see file_locks.h. */
#include "servers/rt/serve/file_locks.h"

#include "servers/proto/file.h"

static struct lock lock_of(const struct lock_owner *owner, uint64_t kind, uint64_t start,
                           uint64_t end, bool whole)
{
        return (struct lock){
            .file = owner->file,
            .owner = owner->badge,
            .client = owner->client,
            .process = owner->process,
            .start = start,
            .end = end,
            .exclusive = kind == FILE_LOCK_KIND_EXCLUSIVE,
            .whole = whole,
        };
}

/* Who need not wait any more. */
static void waits_go_on(struct locks *locks)
{
        struct lock_wait wait;
        while (locks_next(locks, &wait)) {
                outcome_t outcome = locks_hold(locks, &wait.wanted);
                if (outcome == OUTCOME_OK)
                        file_lock_reply(wait.reply, FILE_LOCKED_DONE);
                else
                        rt_reply_outcome(wait.reply, outcome);
        }
}

static outcome_t unlock(struct locks *locks, const struct lock *range, uint64_t *locked)
{
        outcome_t outcome = locks_release(locks, range);
        if (outcome == OUTCOME_OK)
                waits_go_on(locks);
        *locked = FILE_LOCKED_DONE;
        return outcome;
}

/* flock(2): who waits for a lock of another kind has given its own up. */
static outcome_t lock_await(struct locks *locks, const struct request *request,
                            const struct lock *wanted, uint64_t *locked)
{
        if (locks_circle(locks, wanted)) {
                *locked = FILE_LOCKED_CIRCLE;
                return OUTCOME_OK;
        }
        if (!request->reply || !locks_wait(locks, wanted, request->reply))
                return answered(REASON_OVERLOADED);
        if (wanted->whole && locks_release(locks, wanted) == OUTCOME_OK)
                waits_go_on(locks);
        return RT_DEFERRED;
}

outcome_t file_locks_part(struct locks *locks, const struct request *request,
                          const struct lock_owner *owner, uint64_t kind, uint64_t start,
                          uint64_t end, uint64_t whole, uint64_t wait, uint64_t *locked)
{
        const struct lock wanted = lock_of(owner, kind, start, end, whole != 0);
        if (!lock_valid(&wanted))
                return answered(REASON_INVALID);
        if (kind == FILE_LOCK_KIND_NONE)
                return unlock(locks, &wanted, locked);
        *locked = FILE_LOCKED_IN_WAY;
        if (locks_in_way(locks, &wanted))
                return wait ? lock_await(locks, request, &wanted, locked) : OUTCOME_OK;
        outcome_t outcome = locks_hold(locks, &wanted);
        *locked = FILE_LOCKED_DONE;
        waits_go_on(locks); /* an exclusive one may have become shared */
        return outcome;
}

outcome_t file_locks_look(const struct locks *locks, const struct lock_owner *owner, uint64_t kind,
                          uint64_t start, uint64_t end, uint64_t *kind_out, uint64_t *start_out,
                          uint64_t *end_out, uint64_t *process)
{
        const struct lock wanted = lock_of(owner, kind, start, end, false);
        if (!lock_valid(&wanted))
                return answered(REASON_INVALID);
        const struct lock *in_way = locks_in_way(locks, &wanted);
        *kind_out = FILE_LOCK_KIND_NONE;
        if (!in_way)
                return OUTCOME_OK;
        *kind_out = in_way->exclusive ? FILE_LOCK_KIND_EXCLUSIVE : FILE_LOCK_KIND_SHARED;
        *start_out = in_way->start;
        *end_out = in_way->end;
        *process = in_way->process;
        return OUTCOME_OK;
}

void file_locks_gone(struct locks *locks, uint64_t badge)
{
        handle_t reply;
        while (locks_give_up(locks, badge, &reply))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
        locks_end(locks, badge);
        waits_go_on(locks);
}

bool file_locks_cancel(struct locks *locks, handle_t reply)
{
        const bool waits = locks_forget(locks, reply);
        if (waits)
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
        return waits;
}
