/* The clock page: the time without a system call. The kernel maps it into every address space,
 * above the addresses that programs can map, where nobody can write, unmap or replace it.
 *
 * It says what clock_read says at the same moment, to the nanosecond, so times of the two can be
 * mixed. They differ only where the processor's counter runs backwards: then clock_read stands
 * still until the counter has caught up, and the page shows what the counter does. */
#ifndef ABI_CLOCK_H
#define ABI_CLOCK_H

#include <stdint.h>
#include "kernel/abi/memory.h"

#define CLOCK_PAGE USER_END

enum { CLOCK_VERSION = 1 };

struct clock_page {
        uint64_t version;       /* CLOCK_VERSION; any other: of no use here, call clock_read */
        uint64_t start;         /* the TSC at time 0 */
        uint64_t ns_per_tick;   /* of the TSC, times 2^32 */
        uint64_t reserved[509]; /* 0 */
};

_Static_assert(sizeof(struct clock_page) == PAGE_SIZE, "nothing else is in the page");

/* The time when the TSC is `tsc`: ns since boot. */
static inline uint64_t clock_time(const struct clock_page *page, uint64_t tsc)
{
        return (uint64_t)((unsigned __int128)(tsc - page->start) * page->ns_per_tick >> 32);
}

#endif
