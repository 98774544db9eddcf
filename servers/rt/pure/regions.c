/* A sorted array that is searched by halves and changed in place. Each change splits or merges at
 * its two ends alone, and either happens whole or not at all. */
#include "servers/rt/pure/regions.h"

/* Index of the first region that ends after the address. */
static size_t first_after(const struct regions *regions, uint64_t address)
{
        size_t low = 0, high = regions->count;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (regions->list[middle].end > address)
                        high = middle;
                else
                        low = middle + 1;
        }
        return low;
}

uint64_t regions_find_free(const struct regions *regions, uint64_t bytes)
{
        uint64_t at = regions->start;
        for (size_t i = 0; i < regions->count; i++) {
                if (regions->list[i].start - at >= bytes)
                        return at;
                at = regions->list[i].end;
        }
        return regions->end - at >= bytes ? at : 0;
}

const struct region *regions_at(const struct regions *regions, uint64_t address)
{
        size_t i = first_after(regions, address);
        return i < regions->count ? &regions->list[i] : NULL;
}

bool regions_is_free(const struct regions *regions, uint64_t start, uint64_t end)
{
        const struct region *region = regions_at(regions, start);
        return !region || region->start >= end;
}

static void entries_move(struct region *to, const struct region *from, size_t count)
{
        if (to < from)
                for (size_t i = 0; i < count; i++)
                        to[i] = from[i];
        else
                for (size_t i = count; i-- > 0;)
                        to[i] = from[i];
}

/* Replaces `taken` entries from `at` on by one new one (or none: NULL). */
static void entries_replace(struct regions *regions, size_t at, size_t taken,
                            const struct region *with)
{
        size_t put = with ? 1 : 0;
        struct region copy = with ? *with : (struct region){0};
        entries_move(&regions->list[at + put], &regions->list[at + taken],
                     regions->count - at - taken);
        regions->count += put - taken;
        if (with)
                regions->list[at] = copy;
}

bool regions_clear(struct regions *regions, uint64_t start, uint64_t end)
{
        if (regions->count + REGIONS_SPARE > regions->capacity)
                return false;
        size_t i = first_after(regions, start);
        if (i < regions->count && regions->list[i].start < start) {
                struct region left = regions->list[i];
                left.end = start;
                if (regions->list[i].end > end) {
                        regions->list[i].start = end;
                        entries_replace(regions, i, 0, &left);
                        return true;
                }
                regions->list[i++] = left;
        }
        size_t taken = 0;
        while (i + taken < regions->count && regions->list[i + taken].end <= end)
                taken++;
        entries_replace(regions, i, taken, NULL);
        if (i < regions->count && regions->list[i].start < end)
                regions->list[i].start = end;
        return true;
}

bool regions_set(struct regions *regions, uint64_t start, uint64_t end, uint32_t flags)
{
        if (!regions_clear(regions, start, end))
                return false;
        size_t i = first_after(regions, start), taken = 0;
        struct region region = {.start = start, .end = end, .flags = flags};
        if (i < regions->count && regions->list[i].start == end &&
            regions->list[i].flags == flags) {
                region.end = regions->list[i].end;
                taken++;
        }
        if (i > 0 && regions->list[i - 1].end == start && regions->list[i - 1].flags == flags) {
                region.start = regions->list[i - 1].start;
                taken++;
                i--;
        }
        entries_replace(regions, i, taken, &region);
        return true;
}

bool regions_check(const struct regions *regions)
{
        uint64_t at = regions->start;
        for (size_t i = 0; i < regions->count; i++) {
                const struct region *region = &regions->list[i];
                if (region->start < at || region->end <= region->start)
                        return false;
                if (i > 0 && region->start == at && region->flags == regions->list[i - 1].flags)
                        return false;
                at = region->end;
        }
        return at <= regions->end && regions->count <= regions->capacity;
}
