/* Held answers; see waits.h. The list is unordered: it is short, and mostly empty. */
#include "servers/fs/waits.h"

#include <assert.h>
#include "kernel/abi/syscall.h"

bool waits_room(const struct waits *waits)
{
        return waits->count < WAITS_MAX;
}

void waits_add(struct waits *waits, const struct wait *wait)
{
        assert(waits_room(waits) && wait->reply);
        waits->list[waits->count++] = *wait;
}

void waits_shorten(struct waits *waits, uint64_t identity, uint64_t until)
{
        for (unsigned i = 0; i < waits->count; i++) {
                struct wait *wait = &waits->list[i];
                if (wait->identity == identity && wait->due > until)
                        wait->due = until;
        }
}

bool waits_take(struct waits *waits, uint64_t now, struct wait *wait)
{
        for (unsigned i = 0; i < waits->count; i++) {
                if (waits->list[i].due > now)
                        continue;
                *wait = waits->list[i];
                waits->list[i] = waits->list[--waits->count];
                return true;
        }
        return false;
}

uint64_t waits_next(const struct waits *waits)
{
        uint64_t next = TIME_NEVER;
        for (unsigned i = 0; i < waits->count; i++)
                if (waits->list[i].due < next)
                        next = waits->list[i].due;
        return next;
}
