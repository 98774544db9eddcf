/* The locks of interface file. Who asks is known by the badge of the right alone, so nobody can
 * end, or take over, what another holds. */
#include "servers/fs/service.h"

/* What is asked for, by the right of the request. */
static outcome_t lock_asked(const struct request *request, uint64_t kind, uint64_t start,
                            uint64_t end, bool whole, struct lock *lock)
{
        struct open_file *file = open_find(&fs.opens, request->badge);
        if (!file)
                return answered(REASON_STALE);
        if (file->note && kind != FILE_LOCK_KIND_NONE)
                file->note->locked = 1;
        *lock = (struct lock){
            .file = file->node->identity,
            .owner = request->badge,
            .process = file->process,
            .client = file->client ? (uint64_t)(file->client - fs.opens.clients.list) : 0,
            .start = start,
            .end = end,
            .exclusive = kind == FILE_LOCK_KIND_EXCLUSIVE,
            .whole = whole,
        };
        return lock_valid(lock) ? OUTCOME_OK : answered(REASON_INVALID);
}

/* Who need not wait any more. */
static void waits_go_on(void)
{
        struct lock_wait wait;
        while (locks_next(&fs.locks, &wait)) {
                outcome_t outcome = locks_hold(&fs.locks, &wait.wanted);
                if (outcome == OUTCOME_OK)
                        file_lock_reply(wait.reply, FILE_LOCKED_DONE);
                else
                        rt_reply_outcome(wait.reply, outcome);
        }
}

static outcome_t unlock(const struct lock *range, uint64_t *locked)
{
        outcome_t outcome = locks_release(&fs.locks, range);
        if (outcome == OUTCOME_OK)
                waits_go_on();
        *locked = FILE_LOCKED_DONE;
        return outcome;
}

/* flock(2): who waits for a lock of another kind has given its own up. */
static outcome_t lock_await(struct request *request, const struct lock *wanted, uint64_t *locked)
{
        if (locks_circle(&fs.locks, wanted)) {
                *locked = FILE_LOCKED_CIRCLE;
                return OUTCOME_OK;
        }
        if (!request->reply || !locks_wait(&fs.locks, wanted, request->reply))
                return answered(REASON_OVERLOADED);
        if (wanted->whole && locks_release(&fs.locks, wanted) == OUTCOME_OK)
                waits_go_on();
        return RT_DEFERRED;
}

outcome_t file_lock_part(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                         uint64_t whole, uint64_t wait, uint64_t *locked)
{
        struct lock wanted;
        outcome_t outcome = lock_asked(request, kind, start, end, whole != 0, &wanted);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (kind == FILE_LOCK_KIND_NONE)
                return unlock(&wanted, locked);
        *locked = FILE_LOCKED_IN_WAY;
        if (locks_in_way(&fs.locks, &wanted))
                return wait ? lock_await(request, &wanted, locked) : OUTCOME_OK;
        outcome = locks_hold(&fs.locks, &wanted);
        *locked = FILE_LOCKED_DONE;
        waits_go_on(); /* an exclusive one may have become shared */
        return outcome;
}

outcome_t file_lock_look(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                         uint64_t *kind_out, uint64_t *start_out, uint64_t *end_out,
                         uint64_t *process)
{
        struct lock wanted;
        outcome_t outcome = lock_asked(request, kind, start, end, false, &wanted);
        if (outcome != OUTCOME_OK)
                return outcome;
        const struct lock *in_way = locks_in_way(&fs.locks, &wanted);
        *kind_out = FILE_LOCK_KIND_NONE;
        if (!in_way)
                return OUTCOME_OK;
        *kind_out = in_way->exclusive ? FILE_LOCK_KIND_EXCLUSIVE : FILE_LOCK_KIND_SHARED;
        *start_out = in_way->start;
        *end_out = in_way->end;
        *process = in_way->process;
        return OUTCOME_OK;
}

outcome_t file_locker_make(struct request *request, uint64_t process, struct send_cap *locks)
{
        struct open_file *file = open_find(&fs.opens, request->badge);
        if (!file)
                return answered(REASON_STALE);
        if (file->locker)
                return answered(REASON_REFUSED);
        if (file->client && !opens_room_for(&fs.opens, file->client))
                return answered(REASON_OVERLOADED);
        node_hold(file->node);
        uint64_t badge = open_add(&fs.opens, file->node, file->flags);
        if (!badge) {
                node_drop(&fs.tree, file->node);
                return answered(REASON_OVERLOADED);
        }
        struct open_file *locker = open_find(&fs.opens, badge);
        if (file->client)
                open_charge(locker, file->client);
        locker->locker = true;
        locker->process = process;
        return open_right(badge, locks);
}

void lock_owner_gone(uint64_t badge)
{
        handle_t reply;
        while (locks_give_up(&fs.locks, badge, &reply))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
        locks_end(&fs.locks, badge);
        waits_go_on();
}

void lock_cancel(handle_t reply)
{
        if (locks_forget(&fs.locks, reply))
                rt_reply_outcome(reply, answered(REASON_CANCELLED));
}
