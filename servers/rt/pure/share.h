/* Shares of what there is for all: each may have a quarter of what is free. So one alone has a
 * fifth at most, the next one a fifth of the rest, and whoever comes new finds some.
 *
 * Source: dynamic thresholds, Choudhury and Hahne, 1998. */
#ifndef RT_SHARE_H
#define RT_SHARE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether one that has so much may have more, of what is left for all. */
static inline bool share_allows(uint64_t has, uint64_t left)
{
        enum { PART = 4 };
        return left > 0 && has <= left / PART;
}

#endif
