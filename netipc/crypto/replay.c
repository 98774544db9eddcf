/* The window as a ring of words; see replay.h. What may not break: the words between the largest
 * number before and after a move are cleared, or numbers of one turn ago count as used. */
#include "netipc/crypto/replay.h"

#include <assert.h>

static uint64_t *word_of(struct replay *replay, uint64_t number)
{
        return &replay->map[number / 64 % REPLAY_WORDS];
}

bool replay_used(const struct replay *replay, uint64_t number)
{
        if (number > replay->largest)
                return false;
        if (number == 0 || replay->largest - number >= REPLAY_WINDOW)
                return true;
        return replay->map[number / 64 % REPLAY_WORDS] >> number % 64 & 1;
}

static void move(struct replay *replay, uint64_t number)
{
        uint64_t words = number / 64 - replay->largest / 64;
        if (words > REPLAY_WORDS)
                words = REPLAY_WORDS;
        for (uint64_t i = 0; i < words; i++)
                *word_of(replay, number - i * 64) = 0;
        replay->largest = number;
}

void replay_note(struct replay *replay, uint64_t number)
{
        assert(!replay_used(replay, number));
        if (number > replay->largest)
                move(replay, number);
        *word_of(replay, number) |= 1ull << number % 64;
        assert(replay_used(replay, number));
}
