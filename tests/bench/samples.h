/* Durations of the rounds of a row: how many there are, and what is said of them. Both systems of
 * `make bench-net` use it, so they say the same. */
#ifndef TESTS_BENCH_SAMPLES_H
#define TESTS_BENCH_SAMPLES_H

#include <stdint.h>
#include <stdlib.h>

enum { SAMPLES_MAX = 20000, SAMPLES_WARM_UP = 200 };

static inline int sample_compare(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
        return (x > y) - (x < y);
}

static inline void samples_sort(uint64_t *samples, unsigned count)
{
        qsort(samples, count, sizeof samples[0], sample_compare);
}

/* Of sorted samples, at least one. */
static inline uint64_t sample_median(const uint64_t *samples, unsigned count)
{
        return samples[count / 2];
}

static inline uint64_t sample_p99(const uint64_t *samples, unsigned count)
{
        return samples[count * 99ull / 100];
}

#endif
