/* The order of a link's effects: MTU and loss at its entrance, then the wait for the line (rate),
 * then the way (delay and jitter). Jitter lets no frames pass each other: only `reorder` does. */
#include "tools/switch/link.h"

#define NS_PER_S UINT64_C(1000000000)

enum { HEADER = 14 }; /* Ethernet's */

struct draws {
        uint64_t loss, duplicate, reorder, corrupt, where, jitter;
};

static struct draws draws_take(struct prng *prng)
{
        struct draws draws;
        draws.loss = prng_next(prng);
        draws.duplicate = prng_next(prng);
        draws.reorder = prng_next(prng);
        draws.corrupt = prng_next(prng);
        draws.where = prng_next(prng);
        draws.jitter = prng_next(prng);
        return draws;
}

static bool happens(uint64_t random, uint32_t ppm)
{
        return prng_scale(random, PPM) < ppm;
}

/* Takes the line for the frame's time; false if too much waits for it already. */
static bool line_take(struct link *link, uint64_t rate, size_t length, uint64_t now)
{
        if (link->busy_until < now)
                link->busy_until = now;
        if (rate == 0)
                return true;
        uint64_t backlog_max = LINK_BACKLOG_MAX * 8 * NS_PER_S / rate;
        if (link->busy_until - now > backlog_max)
                return false;
        link->busy_until += length * 8 * NS_PER_S / rate;
        return true;
}

static uint64_t way_time(const struct impairment *impairment, uint64_t random)
{
        if (impairment->jitter == 0)
                return impairment->delay;
        /* In microseconds, which fit the scale's 32 bits. */
        uint64_t span_us = 2 * impairment->jitter / 1000;
        uint64_t offset = (uint64_t)prng_scale(random, (uint32_t)span_us + 1) * 1000;
        return impairment->delay - impairment->jitter + offset;
}

struct verdict link_decide(struct link *link, const struct impairment *impairment, size_t length,
                           uint64_t now)
{
        struct draws draws = draws_take(&link->prng);
        struct verdict verdict = {.copies = 1, .due = now};
        if (impairment->mtu && length > HEADER + impairment->mtu) {
                verdict.copies = 0;
                verdict.drop = DROP_TOO_LONG;
                return verdict;
        }
        if (happens(draws.loss, impairment->loss)) {
                verdict.copies = 0;
                verdict.drop = DROP_LOSS;
                return verdict;
        }
        if (!line_take(link, impairment->rate, length, now)) {
                verdict.copies = 0;
                verdict.drop = DROP_QUEUE_FULL;
                return verdict;
        }
        verdict.due = link->busy_until + way_time(impairment, draws.jitter);
        if (verdict.due < link->last_due)
                verdict.due = link->last_due;
        link->last_due = verdict.due;
        verdict.reordered = happens(draws.reorder, impairment->reorder);
        if (verdict.reordered)
                verdict.due += REORDER_HOLD_NS;
        verdict.delayed = verdict.due > now;
        if (happens(draws.duplicate, impairment->duplicate))
                verdict.copies = 2;
        if (length > CORRUPT_FROM && happens(draws.corrupt, impairment->corrupt)) {
                verdict.corrupted = true;
                verdict.corrupt_byte =
                    CORRUPT_FROM + prng_scale(draws.where, (uint32_t)length - CORRUPT_FROM);
                verdict.corrupt_bit = (uint32_t)draws.where & 7;
        }
        return verdict;
}
