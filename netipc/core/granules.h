/* Sets of a message's granules, and runs of them: what a fragment carries, what was lost, what has
 * come.
 *
 * A set has a bit for each granule that there can be. Runs lie within a message: `first + count` is
 * at most WIRE_GRANULES_MAX, and `count` at least 1; callers have checked that. */
#ifndef NETIPC_GRANULES_H
#define NETIPC_GRANULES_H

#include <assert.h>

#include "netipc/core/numbers.h"

enum { GRANULES_WORDS = (WIRE_GRANULES_MAX + 63) / 64 };

struct granules {
        uint64_t word[GRANULES_WORDS];
};

/* How many granules a content of so many bytes has: 1 at least. */
static inline unsigned granules_of(uint32_t total)
{
        return total <= WIRE_GRANULE ? 1 : (total + WIRE_GRANULE - 1) / WIRE_GRANULE;
}

/* Where a set lies behind so many bytes of content: the offset, for any struct. */
static inline size_t granules_behind(uint32_t total)
{
        return (total + sizeof(uint64_t)) & ~(sizeof(uint64_t) - 1);
}

/* The part of a run that lies in the word of `at`, its next granule: as bits, and how many. */
static inline uint64_t granules_part(unsigned at, unsigned end, unsigned *length)
{
        unsigned room = 64 - at % 64;
        *length = end - at < room ? end - at : room;
        assert(at < end && end <= WIRE_GRANULES_MAX);
        return UINT64_MAX >> (64 - *length) << at % 64;
}

/* How many granules of a run are in the set. */
static inline unsigned granules_in(const struct granules *set, unsigned first, unsigned count)
{
        unsigned found = 0, length;
        for (unsigned at = first; at < first + count; at += length) {
                uint64_t part = granules_part(at, first + count, &length);
                found += (unsigned)__builtin_popcountll(set->word[at / 64] & part);
        }
        return found;
}

/* Adds the run, but for what is in `but` (NULL: nothing); returns how many were added. */
static inline unsigned granules_add(struct granules *set, const struct granules *but,
                                    unsigned first, unsigned count)
{
        unsigned added = 0, length;
        for (unsigned at = first; at < first + count; at += length) {
                uint64_t *word = &set->word[at / 64];
                uint64_t new = granules_part(at, first + count, &length) & ~*word;
                new &= but ? ~but->word[at / 64] : UINT64_MAX;
                added += (unsigned)__builtin_popcountll(new);
                *word |= new;
        }
        return added;
}

/* Takes the run out; returns how many of it were in the set. */
static inline unsigned granules_remove(struct granules *set, unsigned first, unsigned count)
{
        unsigned removed = 0, length;
        for (unsigned at = first; at < first + count; at += length) {
                uint64_t *word = &set->word[at / 64];
                uint64_t old = granules_part(at, first + count, &length) & *word;
                removed += (unsigned)__builtin_popcountll(old);
                *word &= ~old;
        }
        return removed;
}

static inline bool granules_has(const struct granules *set, unsigned granule)
{
        return set->word[granule / 64] >> granule % 64 & 1;
}

/* The first granule of a set that is not empty. */
static inline unsigned granules_first(const struct granules *set)
{
        unsigned i = 0;
        while (!set->word[i])
                i++;
        assert(i < GRANULES_WORDS);
        return i * 64 + (unsigned)__builtin_ctzll(set->word[i]);
}

/* How many granules of a set, from `first` on, follow each other, at most to `end`. */
static inline unsigned granules_run(const struct granules *set, unsigned first, unsigned end)
{
        unsigned at = first;
        while (at < end && granules_has(set, at))
                at++;
        return at - first;
}

#endif
