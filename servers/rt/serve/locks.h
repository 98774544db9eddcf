/* Advisory locks of parts of files, and those who wait for one: the table of a server that has
 * files. What is asked of it by interface file is file_locks.h.
 *
 *      owner    the badge of the right that the lock was asked by: its end is the lock's end
 *      range    bytes `start` to `end` of a file; LOCKS_END is behind every file
 *      whole    flock(2)'s kind, which has nothing to do with the others
 *
 *      asked ──nothing in the way──> held ──unlocked, owner gone──> ends
 *        └──something is──> waits ──that has ended──> held
                             └──owner gone, cancelled──> ends
 *
 * Shared locks of one range are many, an exclusive one is alone; what an owner has itself is never
 * in its way, and is replaced. Who waits is served in the order of asking, as far as nothing is in
 * its way. Locks say nothing of who may read and write.
 *
 * Processes are known by a number that they give, as far as their client goes, whoever the server
 * takes for one: nobody can be taken for a process of another client. It serves to tell who has a
 * lock, and to refuse what would wait in a circle. A client has its share of places
 * (servers/rt/pure/share.h).
 *
 * Invariants: two locks of one file, kind and owner neither overlap nor touch, unless they differ
 * in being exclusive; no two of different owners are in each other's way. Pure. */
#ifndef RT_LOCKS_H
#define RT_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

enum {
        LOCKS_MAX = 512,
        LOCKS_OF_OWNER = LOCKS_MAX / 8,
        LOCK_WAITS_MAX = 64,
        LOCK_WAITS_OF_OWNER = LOCK_WAITS_MAX / 8,
};

#define LOCKS_END (1ull << 63)

struct lock {
        uint64_t file; /* its identity */
        uint64_t owner;
        uint64_t client;  /* 0: one without a bound */
        uint64_t process; /* of the client; 0: none that would wait in a circle */
        uint64_t start, end;
        bool exclusive, whole;
};

struct lock_wait {
        struct lock wanted;
        handle_t reply;
};

struct locks {
        struct lock list[LOCKS_MAX];
        unsigned count;
        struct lock_wait waits[LOCK_WAITS_MAX]; /* in the order of asking */
        unsigned wait_count;
};

/* Whether a lock can be: a range that is not empty and ends at LOCKS_END or before. */
bool lock_valid(const struct lock *lock);

/* The lock in its way that begins first; NULL: there is none. */
const struct lock *locks_in_way(const struct locks *locks, const struct lock *wanted);

/* Whether its waiting would be for what waits for its own process. */
bool locks_circle(const struct locks *locks, const struct lock *wanted);

/* Holds a lock that nothing is in the way of. NO_SPACE: it needs more places than its owner, or
 * all, may have; nothing has changed. */
outcome_t locks_hold(struct locks *locks, const struct lock *wanted);

/* Ends what its owner holds of that range and kind. NO_SPACE: what is left of one would be two. */
outcome_t locks_release(struct locks *locks, const struct lock *range);

/* Ends all that an owner holds; what it waits for is given up before (locks_give_up). */
void locks_end(struct locks *locks, uint64_t owner);

/* Waits for it; false: too many wait, of this owner or of all. */
bool locks_wait(struct locks *locks, const struct lock *wanted, handle_t reply);

/* Takes out the next that need not wait any more: to be held, or refused; false: there is none. */
bool locks_next(struct locks *locks, struct lock_wait *wait);

/* Takes out the next wait of an owner that is gone, which nothing would end any more if it became
 * a lock: *reply is to be answered. False: there is none. */
bool locks_give_up(struct locks *locks, uint64_t owner, handle_t *reply);

/* Takes out who waits for that reply; false: nobody does. */
bool locks_forget(struct locks *locks, handle_t reply);

#endif
