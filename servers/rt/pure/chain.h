/* A chain of calls in few lines: what repeats itself, as recursion does, is shown once.
 *
 *      a b c c c c c d      →   a, b, c "4 times more", d
 *      a b c b c b c d      →   a, b, c "these 2 2 times more", d
 *
 * Pure. */
#ifndef RT_CHAIN_H
#define RT_CHAIN_H

#include <stdint.h>

enum {
        CHAIN_PERIOD_MOST = 8, /* functions that call each other in turn */
        CHAIN_TIMES_LEAST = 3, /* what comes less often is shown each time */
};

struct chain_part {
        unsigned period; /* addresses to be shown */
        unsigned times;  /* how often they stand there one after the other, 1 or more */
};

/* How the chain goes on at its first address. `count` is at least 1. */
struct chain_part chain_part(const uint64_t *addresses, unsigned count);

#endif
