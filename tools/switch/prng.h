/* The switch's random numbers: splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, OOPSLA 2014). Each directed link has a generator of its own, so that what happens on
 * one link does not depend on the traffic of the others. */
#ifndef SWITCH_PRNG_H
#define SWITCH_PRNG_H

#include <stdint.h>

struct prng {
        uint64_t state;
};

static inline uint64_t prng_next(struct prng *prng)
{
        uint64_t z = prng->state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
}

/* A generator for one of many streams under the same seed. */
static inline struct prng prng_make(uint64_t seed, uint64_t stream)
{
        struct prng prng = {seed};
        prng.state = prng_next(&prng) ^ (stream + 1) * 0xd1342543de82ef95u;
        prng_next(&prng);
        return prng;
}

/* Maps a random number evenly to 0 … bound - 1; bound is at least 1. */
static inline uint32_t prng_scale(uint64_t random, uint32_t bound)
{
        return (uint32_t)((random >> 32) * bound >> 32);
}

#endif
