/* The program's address space: a table of regions, and memory objects mapped into them.
 *
 * The handle of an object is closed as soon as it is mapped: the mapping keeps the object, and when
 * its last part is unmapped the kernel gives the memory back. The table grows page by page at
 * addresses of its own, so that it never needs itself. */
#include "servers/rt/task/memory.h"

#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/regions.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/lock.h"

enum {
        REGION_MARKS = REGION_COPY | REGION_READ_ALONE,
        REGION_STAYS = REGION_SHARED | REGION_READ_ALONE /* when it is to be forgotten */
};

static struct {
        struct lock lock;
        struct regions regions;
        uint64_t table_bytes;
        bool promises; /* memory.h */
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
                outcome = object_map(address, bytes, flags & ~(unsigned)REGION_MARKS);
        if (outcome == OUTCOME_OK)
                regions_set(&memory.regions, address, address + bytes, flags | REGION_BACKED);
        return outcome;
}

outcome_t memory_share(handle_t object, uint64_t offset, uint64_t address, uint64_t bytes,
                       unsigned flags)
{
        outcome_t outcome = table_prepare();
        if (outcome == OUTCOME_OK)
                outcome = sys_memory_map(0, object, address, offset, bytes,
                                         flags ? flags : MAP_READ, NULL);
        if (outcome != OUTCOME_OK)
                return outcome;
        regions_set(&memory.regions, address, address + bytes,
                    MAP_READ | REGION_BACKED | REGION_SHARED);
        return memory_protect(address, bytes, flags);
}

void memory_promises(bool on)
{
        memory.promises = on;
}

outcome_t memory_provide(uint64_t address, uint64_t bytes, unsigned flags)
{
        if (!memory.promises || bytes <= MEMORY_PIECE)
                return memory_commit(address, bytes, flags);
        outcome_t outcome = table_prepare();
        if (outcome == OUTCOME_OK)
                regions_set(&memory.regions, address, address + bytes, flags);
        return outcome;
}

/* The part of a region that is in the piece of an address, or, with little left, its page alone. */
static outcome_t piece_commit(const struct region *region, uint64_t address)
{
        const unsigned flags = region->flags;
        const uint64_t piece = address & -(uint64_t)MEMORY_PIECE;
        const uint64_t start = piece > region->start ? piece : region->start;
        const uint64_t end =
            piece + MEMORY_PIECE < region->end ? piece + MEMORY_PIECE : region->end;
        if (memory_commit(start, end - start, flags) == OUTCOME_OK)
                return OUTCOME_OK;
        return memory_commit(address & -(uint64_t)PAGE_SIZE, PAGE_SIZE, flags);
}

enum memory_touch memory_touch(uint64_t address, unsigned access)
{
        const struct region *region = regions_at(&memory.regions, address);
        if (!region || region->start > address || !(region->flags & access))
                return MEMORY_NOT;
        if (region->flags & REGION_BACKED)
                return MEMORY_THERE;
        const struct region promised = *region; /* the table changes */
        return piece_commit(&promised, address) == OUTCOME_OK ? MEMORY_THERE : MEMORY_SHORTAGE;
}

/* Makes a backed range a promise again. */
static outcome_t range_empty(uint64_t start, uint64_t end, uint32_t flags)
{
        outcome_t outcome = table_prepare();
        if (outcome == OUTCOME_OK)
                outcome = sys_memory_unmap(0, start, end - start);
        if (outcome == OUTCOME_OK)
                regions_set(&memory.regions, start, end, flags & ~(uint32_t)REGION_BACKED);
        return outcome;
}

/* The same for a part of a region. A piece's memory is given back when all of it is unmapped, so
 * parts of one are made zero where they are, if they can be written to. */
static outcome_t region_forget(uint64_t start, uint64_t end, uint32_t flags)
{
        uint64_t first = (start + MEMORY_PIECE - 1) & -(uint64_t)MEMORY_PIECE;
        uint64_t last = end & -(uint64_t)MEMORY_PIECE;
        if (!memory.promises || first >= last)
                first = last = end;
        if (!(flags & MAP_WRITE)) {
                first = memory.promises ? start : end;
                last = end;
        } else {
                bytes_zero((void *)start, first - start);
                bytes_zero((void *)last, end - last);
        }
        return first < last ? range_empty(first, last, flags) : OUTCOME_OK;
}

outcome_t memory_forget(uint64_t address, uint64_t bytes)
{
        const uint64_t end = address + bytes;
        outcome_t outcome = OUTCOME_OK;
        while (address < end && outcome == OUTCOME_OK) {
                uint32_t flags;
                uint64_t stop = memory_region(address, &flags);
                if (!stop)
                        return not_executed(REASON_NO_MEMORY);
                stop = stop < end ? stop : end;
                if (flags & REGION_BACKED && !(flags & REGION_STAYS))
                        outcome = region_forget(address, stop, flags);
                address = stop;
        }
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

outcome_t memory_mark(uint64_t address, uint64_t bytes, uint32_t marks)
{
        const uint64_t last = address + bytes;
        uint64_t end;
        uint32_t flags;
        for (uint64_t at = address; memory_next(&at, &end, &flags) && at < last; at = end) {
                const outcome_t outcome = table_prepare();
                if (outcome != OUTCOME_OK)
                        return outcome;
                end = end < last ? end : last;
                regions_set(&memory.regions, at > address ? at : address, end, flags | marks);
        }
        return OUTCOME_OK;
}

uint32_t memory_flags(uint64_t address, uint64_t bytes)
{
        uint64_t end;
        uint32_t flags, all = 0;
        for (uint64_t at = address; memory_next(&at, &end, &flags) && at < address + bytes;
             at = end)
                all |= flags;
        return all;
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
                else if (outcome == OUTCOME_OK && flags && !old)
                        outcome = memory_provide(address, stop - address, flags);
                if (outcome != OUTCOME_OK)
                        return outcome;
                if (old || !flags)
                        regions_set(&memory.regions, address, stop,
                                    flags | (old & (REGION_BACKED | REGION_SHARED | REGION_MARKS)));
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
