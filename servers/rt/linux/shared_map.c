/* See shared_map.h. A later map may lie where an earlier one did (MAP_FIXED): the last that was
 * made has an address. */
#include "servers/rt/linux/shared_map.h"

#include <errno.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/task/memory.h"

enum { SHARED_MAPS = 64 };

static struct {
        struct shared_map list[SHARED_MAPS]; /* the oldest first */
        unsigned count;
} shared;

/* Whether anything that is shared lies there. */
static bool is_mapped(const struct shared_map *map)
{
        const uint64_t last = map->address + map->bytes;
        uint64_t end;
        uint32_t flags;
        for (uint64_t at = map->address; memory_next(&at, &end, &flags) && at < last; at = end)
                if (flags & REGION_SHARED)
                        return true;
        return false;
}

void shared_maps_sweep(void)
{
        unsigned kept = 0;
        for (unsigned i = 0; i < shared.count; i++) {
                if (is_mapped(&shared.list[i]))
                        shared.list[kept++] = shared.list[i];
                else if (shared.list[i].object)
                        sys_handle_close(shared.list[i].object);
        }
        shared.count = kept;
}

int64_t shared_map_make(uint64_t address, uint64_t bytes, unsigned flags)
{
        struct shared_map map = {.address = address, .bytes = bytes};
        shared_maps_sweep();
        if (shared.count == SHARED_MAPS)
                return -ENOMEM;
        outcome_t outcome = sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &map.object);
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        outcome = memory_share(map.object, address, bytes, flags);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(map.object);
                return linux_error(outcome);
        }
        shared.list[shared.count++] = map;
        return (int64_t)address;
}

const struct shared_map *shared_map_at(uint64_t address)
{
        uint32_t flags;
        if (!memory_region(address, &flags) || !(flags & REGION_SHARED))
                return NULL;
        for (unsigned i = shared.count; i-- > 0;)
                if (address - shared.list[i].address < shared.list[i].bytes)
                        return &shared.list[i];
        return NULL;
}

bool address_is_shared(uint64_t address)
{
        memory_lock();
        bool is_shared = shared_map_at(address);
        memory_unlock();
        return is_shared;
}

/* Of an object whose maker is gone there is nothing to give. */
outcome_t shared_maps_grant(handle_t task)
{
        for (unsigned i = 0; i < shared.count; i++) {
                struct shared_map *map = &shared.list[i];
                map->heir = 0;
                outcome_t outcome = sys_handle_grant(task, map->object, RIGHTS_ALL, &map->heir);
                if (outcome_reason(outcome) == REASON_NO_MEMORY)
                        return outcome;
        }
        return OUTCOME_OK;
}

void shared_maps_forked(void)
{
        for (unsigned i = 0; i < shared.count; i++) {
                shared.list[i].object = shared.list[i].heir;
                shared.list[i].heir = 0;
        }
}
