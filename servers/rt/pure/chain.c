/* See chain.h. The shortest period counts: it has the fewest lines. */
#include "servers/rt/pure/chain.h"

#include <stdbool.h>

static bool same(const uint64_t *a, const uint64_t *b, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                if (a[i] != b[i])
                        return false;
        return true;
}

static unsigned times_of(const uint64_t *addresses, unsigned count, unsigned period)
{
        unsigned times = 1;
        while ((times + 1) * period <= count && same(addresses, addresses + times * period, period))
                times++;
        return times;
}

struct chain_part chain_part(const uint64_t *addresses, unsigned count)
{
        for (unsigned period = 1; period <= CHAIN_PERIOD_MOST; period++) {
                unsigned times = times_of(addresses, count, period);
                if (times >= CHAIN_TIMES_LEAST)
                        return (struct chain_part){period, times};
        }
        return (struct chain_part){1, 1};
}
