/* The image beside another one: what each has for itself, and what they have in common. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/guest.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"
#include "tests/rt/child.h"

#define SOON rt_after(5 * RT_SECOND)

enum { LARGE = 300000 };

static bool within(const void *address, uint64_t start, uint64_t end)
{
        return (uint64_t)address >= start && (uint64_t)address < end;
}

/* Memory of libc's, small and large, and whether it lies among this image's addresses. */
static bool heap_is_own(void)
{
        const struct startup *startup = rt_startup();
        void *small = malloc(100), *large = malloc(LARGE);
        bool own = small && large && within(small, startup->memory, startup->memory_end) &&
                   within(large, startup->memory, startup->memory_end);
        if (own)
                memset(large, 1, LARGE);
        free(small);
        free(large);
        return own;
}

/* What is wrong, or 0. */
static int peer_use(handle_t peer, const uint64_t *noted)
{
        uint64_t value, stalled, cancelled, sum;
        if (!peer || guest_add(peer, SOON, 40, 2, &sum) != OUTCOME_OK || sum != 42)
                return 2;
        if (guest_note(peer, SOON, 7) != OUTCOME_OK ||
            guest_noted(peer, SOON, &value, &stalled, &cancelled) != OUTCOME_OK || value != 7)
                return 3;
        return *noted == 0 ? 0 : 4;
}

int beside_use(const uint64_t *noted)
{
        int wrong = heap_is_own() ? peer_use(rt_handle("peer"), noted) : 1;
        if (!wrong && rt_handle("parent")) /* granted to the other image alone */
                wrong = 5;
        sys_event_signal(rt_handle("event"), 1ull << wrong);
        sys_thread_exit();
        return 1;
}
