/* Held answers; see waits.h. The list is unordered: it is short, and mostly empty. */
#include "servers/fs/waits.h"

#include <assert.h>
#include "kernel/abi/syscall.h"

bool waits_room(const struct waits *waits, uint64_t identity)
{
        unsigned of_file = 0;
        for (unsigned i = 0; i < waits->count; i++)
                of_file += waits->list[i].identity == identity;
        return waits->count < WAITS_MAX && of_file < WAITS_OF_FILE;
}

void waits_add(struct waits *waits, const struct wait *wait)
{
        assert(waits_room(waits, wait->identity) && wait->reply);
        waits->list[waits->count++] = *wait;
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
