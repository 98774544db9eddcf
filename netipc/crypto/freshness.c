/* Lives and attempts; see freshness.h. */
#include "netipc/crypto/freshness.h"

#include <assert.h>
#include <string.h>

static bool is_life(const struct freshness_life *life, const uint8_t epoch[IDENTITY_EPOCH])
{
        return life->known && memcmp(life->epoch, epoch, IDENTITY_EPOCH) == 0;
}

bool freshness_over(const struct freshness *freshness, const uint8_t epoch[IDENTITY_EPOCH])
{
        unsigned kept = freshness->over_count < FRESHNESS_LIVES ? freshness->over_count
                                                                : (unsigned)FRESHNESS_LIVES;
        for (unsigned i = 0; i < kept; i++)
                if (memcmp(freshness->over[i], epoch, IDENTITY_EPOCH) == 0)
                        return true;
        return false;
}

enum crypto_refusal freshness_check(const struct freshness *freshness,
                                    const uint8_t epoch[IDENTITY_EPOCH], uint64_t attempt)
{
        const struct freshness_life *lives[] = {&freshness->confirmed, &freshness->answered};
        if (freshness_over(freshness, epoch))
                return CRYPTO_REFUSED_STALE;
        for (unsigned i = 0; i < 2; i++)
                if (is_life(lives[i], epoch) && attempt <= lives[i]->attempt)
                        return CRYPTO_REFUSED_REPEATED;
        return CRYPTO_TAKEN;
}

void freshness_answered(struct freshness *freshness, const uint8_t epoch[IDENTITY_EPOCH],
                        uint64_t attempt)
{
        bool same = is_life(&freshness->confirmed, epoch);
        struct freshness_life *life = same ? &freshness->confirmed : &freshness->answered;
        assert(freshness_check(freshness, epoch, attempt) == CRYPTO_TAKEN);
        life->known = true;
        memcpy(life->epoch, epoch, IDENTITY_EPOCH);
        life->attempt = attempt;
}

void freshness_confirmed(struct freshness *freshness, const uint8_t epoch[IDENTITY_EPOCH])
{
        struct freshness_life *confirmed = &freshness->confirmed;
        assert(!freshness_over(freshness, epoch));
        if (is_life(confirmed, epoch))
                return;
        if (confirmed->known)
                memcpy(freshness->over[freshness->over_count++ % FRESHNESS_LIVES], confirmed->epoch,
                       IDENTITY_EPOCH);
        *confirmed = (struct freshness_life){.known = true};
        if (is_life(&freshness->answered, epoch)) {
                confirmed->attempt = freshness->answered.attempt;
                freshness->answered.known = false;
        }
        memcpy(confirmed->epoch, epoch, IDENTITY_EPOCH);
}
