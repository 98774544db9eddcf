/* The table of locks; see locks.h. It is unordered, and searched as a whole: it is short. */
#include "servers/rt/serve/locks.h"

#include <assert.h>

#include "servers/rt/pure/share.h"

bool lock_valid(const struct lock *lock)
{
        return lock->start < lock->end && lock->end <= LOCKS_END;
}

static bool same_kind(const struct lock *a, const struct lock *b)
{
        return a->file == b->file && a->whole == b->whole;
}

static bool overlap(const struct lock *a, const struct lock *b)
{
        return a->start < b->end && b->start < a->end;
}

/* Of the same owner, so that one replaces the other. */
static bool is_own(const struct lock *a, const struct lock *b)
{
        return same_kind(a, b) && a->owner == b->owner;
}

static bool is_in_way(const struct lock *held, const struct lock *wanted)
{
        return same_kind(held, wanted) && held->owner != wanted->owner && overlap(held, wanted) &&
               (held->exclusive || wanted->exclusive);
}

const struct lock *locks_in_way(const struct locks *locks, const struct lock *wanted)
{
        const struct lock *first = NULL;
        for (unsigned i = 0; i < locks->count; i++)
                if (is_in_way(&locks->list[i], wanted) &&
                    (!first || locks->list[i].start < first->start))
                        first = &locks->list[i];
        return first;
}

/* ---- holding and releasing ------------------------------------------------------------------- */

static void take_out(struct locks *locks, unsigned i)
{
        locks->list[i] = locks->list[--locks->count];
}

/* The one lock of which both ends would be left; NULL: there is none. */
static struct lock *around(struct locks *locks, const struct lock *range)
{
        for (unsigned i = 0; i < locks->count; i++)
                if (is_own(&locks->list[i], range) && locks->list[i].start < range->start &&
                    locks->list[i].end > range->end)
                        return &locks->list[i];
        return NULL;
}

/* Whether there are places for so many more of that owner, when all within the range are gone. */
static bool has_room(const struct locks *locks, const struct lock *range, unsigned more)
{
        unsigned of_owner = 0, of_client = 0, within = 0;
        for (unsigned i = 0; i < locks->count; i++) {
                const struct lock *lock = &locks->list[i];
                of_owner += lock->owner == range->owner;
                of_client += lock->client == range->client;
                within +=
                    is_own(lock, range) && lock->start >= range->start && lock->end <= range->end;
        }
        const unsigned left = LOCKS_MAX + within - locks->count;
        return more <= left &&
               (!range->client || share_allows(of_client - within + more - 1, left - more + 1)) &&
               of_owner - within + more <= LOCKS_OF_OWNER;
}

/* Cuts the range out of what its owner has; there is room. */
static void cut_out(struct locks *locks, const struct lock *range)
{
        struct lock *lock = around(locks, range);
        if (lock) {
                assert(locks->count < LOCKS_MAX);
                struct lock *right = &locks->list[locks->count++];
                *right = *lock;
                right->start = range->end;
                lock->end = range->start;
                return;
        }
        for (unsigned i = locks->count; i-- > 0;) {
                lock = &locks->list[i];
                if (!is_own(lock, range) || !overlap(lock, range))
                        continue;
                if (lock->start < range->start)
                        lock->end = range->start;
                else if (lock->end > range->end)
                        lock->start = range->end;
                else
                        take_out(locks, i);
        }
}

outcome_t locks_release(struct locks *locks, const struct lock *range)
{
        if (around(locks, range) && !has_room(locks, range, 1))
                return answered(REASON_NO_SPACE);
        cut_out(locks, range);
        return OUTCOME_OK;
}

outcome_t locks_hold(struct locks *locks, const struct lock *wanted)
{
        struct lock lock = *wanted;
        assert(lock_valid(wanted) && !locks_in_way(locks, wanted));
        if (!has_room(locks, wanted, around(locks, wanted) ? 2 : 1))
                return answered(REASON_NO_SPACE);
        cut_out(locks, wanted);
        for (unsigned i = locks->count; i-- > 0;) {
                const struct lock *other = &locks->list[i];
                if (!is_own(other, &lock) || other->exclusive != lock.exclusive ||
                    (other->end != lock.start && other->start != lock.end))
                        continue;
                lock.start = other->start < lock.start ? other->start : lock.start;
                lock.end = other->end > lock.end ? other->end : lock.end;
                take_out(locks, i);
        }
        assert(locks->count < LOCKS_MAX);
        locks->list[locks->count++] = lock;
        return OUTCOME_OK;
}

void locks_end(struct locks *locks, uint64_t owner)
{
        for (unsigned i = 0; i < locks->wait_count; i++)
                assert(locks->waits[i].wanted.owner != owner);
        for (unsigned i = locks->count; i-- > 0;)
                if (locks->list[i].owner == owner)
                        take_out(locks, i);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool same_process(const struct lock *a, const struct lock *b)
{
        return a->process == b->process && a->client == b->client;
}

/* Whether the process of `other` has something in the way of `wanted`. */
static bool waits_for(const struct locks *locks, const struct lock *wanted,
                      const struct lock *other)
{
        for (unsigned i = 0; i < locks->count; i++)
                if (same_process(&locks->list[i], other) && is_in_way(&locks->list[i], wanted))
                        return true;
        return false;
}

bool locks_circle(const struct locks *locks, const struct lock *wanted)
{
        /* Those that wait, at last, for the process: at first whoever waits for it itself. */
        bool reached[LOCK_WAITS_MAX] = {false}, more = wanted->process != 0;
        while (more) {
                more = false;
                for (unsigned i = 0; i < locks->wait_count; i++) {
                        const struct lock *waits = &locks->waits[i].wanted;
                        if (reached[i] || !waits->process)
                                continue;
                        bool found = waits_for(locks, waits, wanted);
                        for (unsigned k = 0; k < locks->wait_count && !found; k++)
                                found =
                                    reached[k] && waits_for(locks, waits, &locks->waits[k].wanted);
                        reached[i] = found;
                        more = more || found;
                }
        }
        for (unsigned i = 0; i < locks->wait_count; i++)
                if (reached[i] && waits_for(locks, wanted, &locks->waits[i].wanted))
                        return true;
        return false;
}

bool locks_wait(struct locks *locks, const struct lock *wanted, handle_t reply)
{
        unsigned of_owner = 0, of_client = 0;
        for (unsigned i = 0; i < locks->wait_count; i++) {
                of_owner += locks->waits[i].wanted.owner == wanted->owner;
                of_client += locks->waits[i].wanted.client == wanted->client;
        }
        const unsigned left = LOCK_WAITS_MAX - locks->wait_count;
        if (!left || (wanted->client && !share_allows(of_client, left)) ||
            of_owner == LOCK_WAITS_OF_OWNER)
                return false;
        locks->waits[locks->wait_count++] = (struct lock_wait){*wanted, reply};
        return true;
}

static void wait_take_out(struct locks *locks, unsigned i)
{
        for (locks->wait_count--; i < locks->wait_count; i++)
                locks->waits[i] = locks->waits[i + 1];
}

bool locks_next(struct locks *locks, struct lock_wait *wait)
{
        for (unsigned i = 0; i < locks->wait_count; i++) {
                if (locks_in_way(locks, &locks->waits[i].wanted))
                        continue;
                *wait = locks->waits[i];
                wait_take_out(locks, i);
                return true;
        }
        return false;
}

bool locks_give_up(struct locks *locks, uint64_t owner, handle_t *reply)
{
        for (unsigned i = 0; i < locks->wait_count; i++)
                if (locks->waits[i].wanted.owner == owner) {
                        *reply = locks->waits[i].reply;
                        wait_take_out(locks, i);
                        return true;
                }
        return false;
}

bool locks_forget(struct locks *locks, handle_t reply)
{
        for (unsigned i = 0; i < locks->wait_count; i++)
                if (locks->waits[i].reply == reply) {
                        wait_take_out(locks, i);
                        return true;
                }
        return false;
}
