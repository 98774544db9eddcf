/* The program's address space: a table of regions, and memory objects mapped into them.
 *
 * The handle of an object is closed as soon as it is mapped: the mapping keeps the object, and when
 * its last part is unmapped the kernel gives the memory back. The table grows page by page at
 * addresses of its own, so that it never needs itself. */
#include "servers/rt/task/memory.h"

#include "servers/rt/pure/regions.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/lock.h"

static struct {
        struct lock lock;
        struct regions regions;
        uint64_t table_bytes;
} memory;

void memory_lock(void)
{
        lock_take(&memory.lock);
}

void memory_unlock(void)
{
        lock_release(&memory.lock);
}

void memory_forked(void)
{
        memory.lock = (struct lock){0};
}

static uint64_t memory_start(void)
{
        return rt_startup() ? rt_startup()->memory : MEMORY_DEFAULT;
}

static uint64_t memory_end(void)
{
        return rt_startup() ? rt_startup()->memory_end : MEMORY_DEFAULT_END;
}

uint64_t memory_break(void)
{
        return memory_start() + MEMORY_TABLE_BYTES;
}

/* Memory charged to the task's own account, mapped at an address. */
static outcome_t object_map(uint64_t address, uint64_t bytes, unsigned flags)
{
        handle_t object;
        outcome_t outcome = sys_memory_create(0, bytes, MEMORY_ANONYMOUS, 0, &object);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = sys_memory_map(0, object, address, 0, bytes, flags, NULL);
        sys_handle_close(object);
        return outcome;
}

/* Grows the table so that its next change cannot fail. */
static outcome_t table_prepare(void)
{
        struct regions *regions = &memory.regions;
        if (regions->count + REGIONS_SPARE <= regions->capacity)
                return OUTCOME_OK;
        uint64_t address = memory_start() + memory.table_bytes;
        if (address + PAGE_SIZE > memory_break())
                return not_executed(REASON_NO_MEMORY);
        outcome_t outcome = object_map(address, PAGE_SIZE, MAP_READ | MAP_WRITE);
        if (outcome != OUTCOME_OK)
                return outcome;
        memory.table_bytes += PAGE_SIZE;
        regions->list = (struct region *)memory_start();
        regions->capacity = memory.table_bytes / sizeof(struct region);
        regions->start = memory_break();
        regions->end = memory_end();
        if (regions->count == 0)
                regions_set(regions, memory_break(), memory_break() + MEMORY_BREAK_BYTES, 0);
        return OUTCOME_OK;
}

bool memory_within(uint64_t address, uint64_t bytes)
{
        return bytes && (address | bytes) % PAGE_SIZE == 0 && address >= memory_break() &&
               bytes <= memory_end() - memory_break() && address <= memory_end() - bytes;
}

uint64_t memory_find(uint64_t bytes)
{
        if (table_prepare() != OUTCOME_OK)
                return 0;
        return regions_find_free(&memory.regions, bytes);
}

outcome_t memory_reserve(uint64_t address, uint64_t bytes)
{
        outcome_t outcome = table_prepare();
        if (outcome != OUTCOME_OK)
                return outcome;
        if (!regions_is_free(&memory.regions, address, address + bytes))
                sys_memory_unmap(0, address, bytes);
        regions_set(&memory.regions, address, address + bytes, 0);
        return OUTCOME_OK;
}

outcome_t memory_commit(uint64_t address, uint64_t bytes, unsigned flags)
{
        outcome_t outcome = table_prepare();
        if (outcome == OUTCOME_OK)
                outcome = object_map(address, bytes, flags);
        if (outcome == OUTCOME_OK)
                regions_set(&memory.regions, address, address + bytes, flags | REGION_BACKED);
        return outcome;
}

outcome_t memory_release(uint64_t address, uint64_t bytes)
{
        outcome_t outcome = table_prepare();
        if (outcome == OUTCOME_OK)
                outcome = sys_memory_unmap(0, address, bytes);
        if (outcome == OUTCOME_OK)
                regions_clear(&memory.regions, address, address + bytes);
        return outcome;
}

uint64_t memory_region(uint64_t address, uint32_t *flags)
{
        const struct region *region = regions_at(&memory.regions, address);
        if (!region || region->start > address)
                return 0;
        *flags = region->flags;
        return region->end;
}

bool memory_next(uint64_t *at, uint64_t *end, uint32_t *flags)
{
        const struct region *region = regions_at(&memory.regions, *at);
        if (!region)
                return false;
        *at = region->start;
        *end = region->end;
        *flags = region->flags;
        return true;
}

outcome_t memory_protect(uint64_t address, uint64_t bytes, unsigned flags)
{
        uint64_t end = address + bytes;
        while (address < end) {
                uint32_t old;
                uint64_t stop = memory_region(address, &old);
                if (!stop)
                        return not_executed(REASON_NO_MEMORY);
                stop = stop < end ? stop : end;
                outcome_t outcome = table_prepare();
                if (outcome == OUTCOME_OK && (old & REGION_BACKED))
                        outcome = sys_memory_protect(0, address, stop - address, flags);
                else if (outcome == OUTCOME_OK && flags)
                        outcome = object_map(address, stop - address, flags);
                if (outcome != OUTCOME_OK)
                        return outcome;
                uint32_t backed = flags ? REGION_BACKED : old & REGION_BACKED;
                regions_set(&memory.regions, address, stop, flags | backed);
                address = stop;
        }
        return OUTCOME_OK;
}

static outcome_t allocate(uint64_t bytes, void **address)
{
        uint64_t at = memory_find(bytes);
        if (!bytes || !at)
                return not_executed(REASON_NO_MEMORY);
        outcome_t outcome = memory_commit(at, bytes, MAP_READ | MAP_WRITE);
        if (outcome == OUTCOME_OK)
                *address = (void *)at;
        return outcome;
}

static outcome_t map(handle_t object, size_t offset, uint64_t bytes, unsigned flags, void **address)
{
        uint64_t at = memory_find(bytes);
        if (!bytes || !at)
                return not_executed(REASON_NO_MEMORY);
        outcome_t outcome = sys_memory_map(0, object, at, offset, bytes, flags, NULL);
        if (outcome != OUTCOME_OK)
                return outcome;
        regions_set(&memory.regions, at, at + bytes, flags | REGION_BACKED);
        *address = (void *)at;
        return OUTCOME_OK;
}

outcome_t rt_memory_allocate(size_t bytes, void **address)
{
        memory_lock();
        outcome_t outcome = allocate(page_up(bytes), address);
        memory_unlock();
        return outcome;
}

outcome_t rt_memory_map(handle_t object, size_t offset, size_t bytes, unsigned flags,
                        void **address)
{
        memory_lock();
        outcome_t outcome = map(object, offset, page_up(bytes), flags, address);
        memory_unlock();
        return outcome;
}

void rt_memory_free(void *address, size_t bytes)
{
        memory_lock();
        memory_release((uint64_t)address, page_up(bytes));
        memory_unlock();
}
