/* Answers to changes that are made already, held until the leases of what was there before have
 * ended (opens.h).
 *
 *      change made ──> held: due when the last lease ends ──> answered
 *
 * Invariants: an answer is due at most FS_LEASE_MOST after its change; it is taken once. A place
 * for it is looked for before the change is made; changes of one file leave a quarter of the places
 * to those of others. Pure. */
#ifndef FS_WAITS_H
#define FS_WAITS_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/rights.h"

enum { WAITS_MAX = 256, WAITS_OF_FILE = WAITS_MAX / 4 * 3 };

struct wait {
        handle_t reply;
        uint16_t interface, method;
        uint64_t due;
        uint64_t identity; /* of the file that was changed */
        uint64_t result;   /* what is to be answered: a word; of an open the badge */
};

struct waits {
        struct wait list[WAITS_MAX];
        unsigned count;
};

/* Whether there is room for one more, of a change of that file. */
bool waits_room(const struct waits *waits, uint64_t identity);

/* Holds an answer; there is room. */
void waits_add(struct waits *waits, const struct wait *wait);

/* Takes out one that is due by `now`; false: none is. */
bool waits_take(struct waits *waits, uint64_t now, struct wait *wait);

/* When the next one is due; TIME_NEVER: none is held. */
uint64_t waits_next(const struct waits *waits);

#endif
