/* Which packet numbers were used: a window of the last REPLAY_WINDOW below the largest, a bit for
 * each (RFC 6479). What lies below it counts as used. Pure. */
#ifndef NETIPC_CRYPTO_REPLAY_H
#define NETIPC_CRYPTO_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

enum { REPLAY_WINDOW = 8192, REPLAY_WORDS = REPLAY_WINDOW / 64 + 1 };

/* All zero at first: nothing was used but number 0, which no packet has. */
struct replay {
        uint64_t largest;
        uint64_t map[REPLAY_WORDS]; /* one word more, so that moving clears whole words */
};

/* Whether the number was used, or is too old to tell. Changes nothing. */
bool replay_used(const struct replay *replay, uint64_t number);

/* Notes a number that was not used; only of a packet that is authentic, or a forger moves the
 * window. */
void replay_note(struct replay *replay, uint64_t number);

#endif
