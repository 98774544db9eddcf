/* mmap and its relatives, and brk, on the runtime's address space (servers/rt/task/memory.h). */
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/task/memory.h"

enum { BREAK_CHUNK = 4 * PAGE_SIZE };

static struct {
        uint64_t end;       /* what brk() has answered last; 0: not begun */
        uint64_t committed; /* memory is there up to here */
} heap;

static int protection_flags(uint64_t protection)
{
        unsigned flags = 0;
        if (protection & PROT_READ)
                flags |= MAP_READ;
        if (protection & PROT_WRITE)
                flags |= MAP_READ | MAP_WRITE;
        if (protection & PROT_EXEC)
                flags |= MAP_EXECUTE;
        return flags & MAP_WRITE && flags & MAP_EXECUTE ? -1 : (int)flags;
}

static struct rlimit data_limit = {RLIM_INFINITY, RLIM_INFINITY};

struct rlimit *memory_data_limit(void)
{
        return &data_limit;
}

/* Whether so much more of what can be written to is within RLIMIT_DATA. */
static bool data_within(uint64_t bytes)
{
        uint64_t used = 0, end;
        uint32_t flags;
        if (data_limit.rlim_cur == RLIM_INFINITY)
                return true;
        for (uint64_t at = 0; memory_next(&at, &end, &flags); at = end)
                if (flags & MAP_WRITE)
                        used += end - at;
        return used <= data_limit.rlim_cur && bytes <= data_limit.rlim_cur - used;
}

/* Takes the range, with memory if it is to be accessible. */
static int64_t range_make(uint64_t address, uint64_t bytes, unsigned flags)
{
        if (flags & MAP_WRITE && !data_within(bytes))
                return -ENOMEM;
        outcome_t outcome =
            flags ? memory_commit(address, bytes, flags) : memory_reserve(address, bytes);
        return outcome == OUTCOME_OK ? (int64_t)address : linux_error(outcome);
}

int64_t linux_mmap(const struct linux_arguments *arguments)
{
        uint64_t address = arguments->a, bytes = page_up(arguments->b);
        uint64_t how = arguments->d;
        int flags = protection_flags(arguments->c);
        if (arguments->b == 0 || bytes < arguments->b)
                return -EINVAL;
        if (flags < 0)
                return -EACCES;
        if (!(how & MAP_ANONYMOUS))
                return -ENODEV;
        if (!(how & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
                address = memory_find(bytes);
                return address ? range_make(address, bytes, (unsigned)flags) : -ENOMEM;
        }
        if (!memory_within(address, bytes))
                return -ENOMEM;
        if (how & MAP_FIXED_NOREPLACE) {
                uint32_t old;
                for (uint64_t at = address; at < address + bytes; at += PAGE_SIZE)
                        if (memory_region(at, &old))
                                return -EEXIST;
        }
        /* What was there goes first, and the addresses stay taken in between. */
        outcome_t outcome = memory_reserve(address, bytes);
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        return flags ? range_make(address, bytes, (unsigned)flags) : (int64_t)address;
}

int64_t linux_munmap(uint64_t address, uint64_t bytes)
{
        bytes = page_up(bytes);
        /* Also what the runtime has not mapped: libc gives back its own stack. */
        if (address % PAGE_SIZE || bytes == 0)
                return -EINVAL;
        if (!memory_within(address, bytes))
                return linux_error(sys_memory_unmap(0, address, bytes));
        return linux_error(memory_release(address, bytes));
}

int64_t linux_mprotect(uint64_t address, uint64_t bytes, uint64_t protection)
{
        int flags = protection_flags(protection);
        bytes = page_up(bytes);
        if (address % PAGE_SIZE)
                return -EINVAL;
        if (flags < 0)
                return -EACCES;
        if (bytes == 0)
                return 0;
        if (!memory_within(address, bytes))
                return linux_error(sys_memory_protect(0, address, bytes, (unsigned)flags));
        if (flags & MAP_WRITE && !data_within(0))
                return -ENOMEM;
        return linux_error(memory_protect(address, bytes, (unsigned)flags));
}

/* Makes a range longer where it stands; false if something is behind it. */
static bool range_grow(uint64_t address, uint64_t old, uint64_t bytes, unsigned flags,
                       int64_t *result)
{
        uint32_t behind;
        if (!memory_within(address, bytes))
                return false;
        for (uint64_t at = address + old; at < address + bytes; at += PAGE_SIZE)
                if (memory_region(at, &behind))
                        return false;
        *result = range_make(address + old, bytes - old, flags);
        if (*result > 0)
                *result = (int64_t)address;
        return true;
}

int64_t linux_mremap(const struct linux_arguments *arguments)
{
        uint64_t address = arguments->a, old = page_up(arguments->b);
        uint64_t bytes = page_up(arguments->c);
        uint32_t flags;
        if (arguments->c == 0 || bytes < arguments->c || arguments->d & ~(uint64_t)MREMAP_MAYMOVE)
                return -EINVAL;
        if (!memory_within(address, old) || !memory_region(address, &flags))
                return -EFAULT;
        if (bytes <= old) {
                int64_t result = bytes == old ? 0 : linux_munmap(address + bytes, old - bytes);
                return result ? result : (int64_t)address;
        }
        int64_t result;
        flags &= ~(uint32_t)REGION_BACKED;
        if (range_grow(address, old, bytes, flags, &result))
                return result;
        if (!(arguments->d & MREMAP_MAYMOVE))
                return -ENOMEM;
        uint64_t to = memory_find(bytes);
        if (!to)
                return -ENOMEM;
        result = range_make(to, bytes, flags | MAP_READ | MAP_WRITE);
        if (result < 0)
                return result;
        bytes_copy((void *)to, (const void *)address, old);
        if (!(flags & MAP_WRITE))
                memory_protect(to, bytes, flags);
        memory_release(address, old);
        return result;
}

/* MADV_DONTNEED makes anonymous memory read as zero again; all other advice may be ignored. */
int64_t linux_madvise(uint64_t address, uint64_t bytes, uint64_t advice)
{
        bytes = page_up(bytes);
        if (address % PAGE_SIZE)
                return -EINVAL;
        if (advice != MADV_DONTNEED || bytes == 0)
                return 0;
        if (!memory_within(address, bytes))
                return -ENOMEM;
        for (uint64_t at = address; at < address + bytes;) {
                uint32_t flags;
                uint64_t end = memory_region(at, &flags);
                if (!end)
                        return -ENOMEM;
                end = end < address + bytes ? end : address + bytes;
                if (flags & REGION_BACKED && flags & MAP_WRITE)
                        bytes_zero((void *)at, end - at);
                at = end;
        }
        return 0;
}

int64_t linux_brk(uint64_t end)
{
        const uint64_t first = memory_break(), last = first + MEMORY_BREAK_BYTES;
        if (!heap.end) {
                /* The table of regions takes the heap's addresses when it begins. */
                if (!memory_find(PAGE_SIZE))
                        return -ENOMEM;
                heap.end = heap.committed = first;
        }
        if (end < first || end > last)
                return (int64_t)heap.end;
        if (end > heap.committed) {
                uint64_t bytes = end - heap.committed;
                bytes = (bytes + BREAK_CHUNK - 1) / BREAK_CHUNK * BREAK_CHUNK;
                if (bytes > last - heap.committed || !data_within(bytes) ||
                    memory_commit(heap.committed, bytes, MAP_READ | MAP_WRITE) != OUTCOME_OK)
                        return (int64_t)heap.end;
                heap.committed += bytes;
        }
        /* What is given back must read as zero when it is taken again. */
        uint64_t keep = page_up(end);
        if (keep < heap.committed && end < heap.end) {
                memory_reserve(keep, heap.committed - keep);
                heap.committed = keep;
        }
        heap.end = end;
        return (int64_t)end;
}
