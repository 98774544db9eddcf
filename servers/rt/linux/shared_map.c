/* See shared_map.h. A later map may lie where an earlier one did (MAP_FIXED): the last that was
 * made has an address. */
#include "servers/rt/linux/shared_map.h"

#include <errno.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/task/memory.h"

enum { SHARED_MAPS = 128 };

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

static void handles_close(const struct shared_map *map)
{
        if (map->object)
                sys_handle_close(map->object);
        if (map->file)
                sys_handle_close(map->file);
}

void shared_maps_sweep(void)
{
        unsigned kept = 0;
        for (unsigned i = 0; i < shared.count; i++) {
                if (is_mapped(&shared.list[i]))
                        shared.list[kept++] = shared.list[i];
                else
                        handles_close(&shared.list[i]);
        }
        shared.count = kept;
}

bool shared_map_room(unsigned count)
{
        shared_maps_sweep();
        return count <= SHARED_MAPS - shared.count;
}

int64_t shared_map_put(struct shared_map map, unsigned flags)
{
        outcome_t outcome =
            shared_map_room(1) ? memory_share(map.object, map.offset, map.address, map.bytes, flags)
                               : not_executed(REASON_NO_MEMORY);
        if (outcome == OUTCOME_OK)
                shared.list[shared.count++] = map;
        else
                handles_close(&map);
        return linux_error(outcome);
}

int64_t shared_map_make(uint64_t address, uint64_t bytes, unsigned flags)
{
        struct shared_map map = {.address = address, .bytes = bytes};
        if (!shared_map_room(1))
                return -ENOMEM;
        outcome_t outcome = sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &map.object);
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        const int64_t error = shared_map_put(map, flags);
        return error ? error : (int64_t)address;
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

/* Of what has ended there is nothing to give. */
static outcome_t heir_make(handle_t task, handle_t handle, handle_t *heir)
{
        *heir = 0;
        outcome_t outcome = handle ? sys_handle_grant(task, handle, RIGHTS_ALL, heir) : OUTCOME_OK;
        return outcome_reason(outcome) == REASON_NO_MEMORY ? outcome : OUTCOME_OK;
}

outcome_t shared_maps_grant(handle_t task)
{
        for (unsigned i = 0; i < shared.count; i++) {
                struct shared_map *map = &shared.list[i];
                outcome_t outcome = heir_make(task, map->object, &map->heir);
                if (outcome == OUTCOME_OK)
                        outcome = heir_make(task, map->file, &map->file_heir);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        return OUTCOME_OK;
}

void shared_maps_forked(void)
{
        for (unsigned i = 0; i < shared.count; i++) {
                struct shared_map *map = &shared.list[i];
                map->object = map->heir;
                map->file = map->file_heir;
                map->heir = map->file_heir = 0;
        }
}
