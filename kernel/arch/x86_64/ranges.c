/* Sorted lists of ranges in arrays (ranges.h). A list stays sorted, disjoint and merged throughout.
 */
#include "kernel/arch/x86_64/ranges.h"
#include "kernel/lib/string.h"

/* Replaces `old` ranges from index `at` on by `fresh` ones, which the caller fills in. */
static bool splice(struct boot_range *list, unsigned *count, unsigned at, unsigned old,
                   unsigned fresh)
{
        if (*count - old + fresh > BOOT_RANGES)
                return false;
        memmove(list + at + fresh, list + at + old, (*count - at - old) * sizeof *list);
        *count = *count - old + fresh;
        return true;
}

bool ranges_add(struct boot_range *list, unsigned *count, paddr_t start, paddr_t end)
{
        if (start >= end)
                return true;
        unsigned at = 0, old = 0;
        while (at < *count && list[at].end < start)
                at++;
        for (; at + old < *count && list[at + old].start <= end; old++) {
                if (list[at + old].start < start)
                        start = list[at + old].start;
                if (list[at + old].end > end)
                        end = list[at + old].end;
        }
        if (!splice(list, count, at, old, 1))
                return false;
        list[at] = (struct boot_range){start, end};
        return true;
}

bool ranges_remove(struct boot_range *list, unsigned *count, paddr_t start, paddr_t end)
{
        if (start >= end)
                return true;
        unsigned at = 0, old = 0, fresh = 0;
        struct boot_range rest[2];
        while (at < *count && list[at].end <= start)
                at++;
        for (; at + old < *count && list[at + old].start < end; old++) {
                if (list[at + old].start < start)
                        rest[fresh++] = (struct boot_range){list[at + old].start, start};
                if (list[at + old].end > end)
                        rest[fresh++] = (struct boot_range){end, list[at + old].end};
        }
        if (!splice(list, count, at, old, fresh))
                return false;
        memcpy(list + at, rest, fresh * sizeof *list);
        return true;
}

bool ranges_hold(const struct boot_range *list, unsigned count, paddr_t start, paddr_t end)
{
        for (unsigned i = 0; i < count; i++)
                if (list[i].start <= start && start < list[i].end)
                        return start < end && end <= list[i].end;
        return false;
}
