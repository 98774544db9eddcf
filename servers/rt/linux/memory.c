/* mmap and its relatives, and brk, on the runtime's address space (servers/rt/task/memory.h). What
 * is mapped in large parts is promised: memory comes when it is touched (user.h), and a program
 * that touches more than its account has is ended. What is obviously more than that is refused at
 * once (OVERCOMMIT), as Linux does it by default: proc(5), overcommit_memory. */
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/shared_map.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum { BREAK_CHUNK = 4 * PAGE_SIZE };

/* That much more than the account has can be promised at once to who does not say that he knows
 * (MAP_NORESERVE): Go's runtime maps what it may need in parts of 64 MiB. */
#define OVERCOMMIT (256ull << 20)

static struct {
        uint64_t end;       /* what brk() has answered last; 0: not begun */
        uint64_t committed; /* memory is there, or promised, up to here */
} heap;

static int protection_flags(uint64_t protection)
{
        unsigned flags = 0;
        if (protection & PROT_READ)
                flags |= MAP_READ;
        if (protection & PROT_WRITE)
                flags |= MAP_READ | MAP_WRITE;
        if (protection & PROT_EXEC)
                flags |= MAP_READ | MAP_EXECUTE;
        return flags & MAP_WRITE && flags & MAP_EXECUTE ? -1 : (int)flags;
}

static struct {
        struct rlimit data, space;
} limits = {{RLIM_INFINITY, RLIM_INFINITY}, {RLIM_INFINITY, RLIM_INFINITY}};

struct rlimit *memory_limit(int resource)
{
        return resource == RLIMIT_DATA ? &limits.data
               : resource == RLIMIT_AS ? &limits.space
                                       : NULL;
}

/* Whether so much more is within a limit of all that is mapped with some of these flags (0: all,
 * but for the addresses that are kept for the heap). */
static bool limit_allows(const struct rlimit *limit, uint32_t which, uint64_t bytes)
{
        const uint64_t heap_last = memory_break() + MEMORY_BREAK_BYTES;
        uint64_t used = 0, end;
        uint32_t flags;
        if (limit->rlim_cur == RLIM_INFINITY)
                return true;
        for (uint64_t at = 0; memory_next(&at, &end, &flags); at = end)
                if (which ? flags & which : flags || at >= heap_last)
                        used += end - at;
        return used <= limit->rlim_cur && bytes <= limit->rlim_cur - used;
}

/* Whether so much more of what can be written to is within RLIMIT_DATA. */
static bool data_within(uint64_t bytes)
{
        return limit_allows(&limits.data, MAP_WRITE, bytes);
}

static bool range_is_free(uint64_t address, uint64_t bytes)
{
        uint64_t at = address, end;
        uint32_t flags;
        return !memory_next(&at, &end, &flags) || at >= address + bytes;
}

/* Takes the range, with memory if it is to be accessible. */
static int64_t range_make(uint64_t address, uint64_t bytes, unsigned flags)
{
        if (!limit_allows(&limits.space, 0, bytes) || (flags & MAP_WRITE && !data_within(bytes)))
                return -ENOMEM;
        outcome_t outcome =
            flags ? memory_provide(address, bytes, flags) : memory_reserve(address, bytes);
        return outcome == OUTCOME_OK ? (int64_t)address : linux_error(outcome);
}

/* The same of what a map is to have (mmap(2)). */
static int64_t map_make(uint64_t how, uint64_t address, uint64_t bytes, unsigned flags)
{
        if ((how & MAP_TYPE) == MAP_PRIVATE)
                return range_make(address, bytes, flags);
        return limit_allows(&limits.space, 0, bytes) ? shared_map_make(address, bytes, flags)
                                                     : -ENOMEM;
}

/* Puts memory to what was promised; -ENOMEM: there is not enough, or nothing to be accessed. */
static int64_t range_populate(uint64_t address, uint64_t bytes)
{
        const uint64_t end = address + bytes;
        while (address < end) {
                if (memory_touch(address, MAP_READ | MAP_WRITE | MAP_EXECUTE) != MEMORY_THERE)
                        return -ENOMEM;
                uint32_t flags;
                address = memory_region(address, &flags);
        }
        return 0;
}

/* Whether a mapping is one that could never be used as a whole. */
static bool is_hopeless(uint64_t bytes, int flags, uint64_t how)
{
        uint64_t used, limit;
        return flags & MAP_WRITE && !(how & MAP_NORESERVE) && bytes > OVERCOMMIT &&
               sys_account_info(rt_handle("account"), &used, &limit) == OUTCOME_OK &&
               bytes - OVERCOMMIT > limit;
}

/* What a map cannot be: one of large pages, or of an address that 32 bits hold; one that grows by
 * itself. */
static int64_t map_refusal(uint64_t how)
{
        if (how & MAP_GROWSDOWN)
                return -EINVAL;
        return how & MAP_HUGETLB || (how & MAP_32BIT && !(how & MAP_FIXED)) ? -ENOMEM : 0;
}

static int64_t map_anonymous(const struct linux_arguments *arguments, uint64_t bytes, int flags)
{
        const uint64_t how = arguments->d;
        uint64_t address = arguments->a;
        const int64_t refusal = map_refusal(how);
        if (refusal)
                return refusal;
        if (is_hopeless(bytes, flags, how))
                return -ENOMEM;
        if (!(how & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
                address = memory_find(bytes);
                return address ? map_make(how, address, bytes, (unsigned)flags) : -ENOMEM;
        }
        if (address % PAGE_SIZE)
                return -EINVAL;
        if (!memory_within(address, bytes))
                return -ENOMEM;
        if (how & MAP_FIXED_NOREPLACE && !range_is_free(address, bytes))
                return -EEXIST;
        /* What was there goes first, and the addresses stay taken in between. */
        outcome_t outcome = memory_reserve(address, bytes);
        if (outcome != OUTCOME_OK)
                return linux_error(outcome);
        shared_maps_sweep();
        const bool taken = !flags && (how & MAP_TYPE) == MAP_PRIVATE;
        return taken ? (int64_t)address : map_make(how, address, bytes, (unsigned)flags);
}

int64_t linux_mmap(const struct linux_arguments *arguments)
{
        const uint64_t bytes = page_up(arguments->b);
        const int flags = protection_flags(arguments->c);
        if (arguments->b == 0 || arguments->f % PAGE_SIZE)
                return -EINVAL;
        if (bytes < arguments->b)
                return -ENOMEM;
        if (flags < 0)
                return -EACCES;
        if (!(arguments->d & MAP_ANONYMOUS))
                return -ENODEV;
        const uint64_t type = arguments->d & MAP_TYPE;
        if (type != MAP_PRIVATE && type != MAP_SHARED)
                return -EINVAL; /* also MAP_SHARED_VALIDATE, which is for files */
        int64_t address = map_anonymous(arguments, bytes, flags);
        if (address > 0 && flags && arguments->d & (MAP_POPULATE | MAP_LOCKED))
                range_populate((uint64_t)address, bytes); /* as far as there is memory: mmap(2) */
        return address;
}

/* Whether something is mapped at all addresses of a range, by the program or for it. */
static bool range_is_mapped(uint64_t address, uint64_t bytes)
{
        const uint64_t end = address + bytes;
        struct memory_mapping mapping;
        uint32_t flags;
        if (end < address || end > USER_END)
                return false;
        while (address < end) {
                uint64_t next = memory_region(address, &flags);
                if (!next && (sys_memory_query(0, address, &mapping) != OUTCOME_OK ||
                              mapping.address > address))
                        return false;
                address = next ? next : mapping.address + mapping.bytes;
        }
        return true;
}

int64_t linux_munmap(uint64_t address, uint64_t bytes)
{
        bytes = page_up(bytes);
        /* Also what the runtime has not mapped: libc gives back its own stack. */
        if (address % PAGE_SIZE || bytes == 0)
                return -EINVAL;
        if (!memory_within(address, bytes))
                return linux_error(sys_memory_unmap(0, address, bytes));
        const outcome_t outcome = memory_release(address, bytes);
        shared_maps_sweep();
        return linux_error(outcome);
}

int64_t linux_mprotect(uint64_t address, uint64_t bytes, uint64_t protection)
{
        enum { PROTECT_SEMAPHORE = 8 }; /* PROT_SEM: nothing follows from it */
        const uint64_t known = PROT_READ | PROT_WRITE | PROT_EXEC | PROTECT_SEMAPHORE;
        int flags = protection_flags(protection);
        if (address % PAGE_SIZE || protection & ~known)
                return -EINVAL;
        if (flags < 0)
                return -EACCES;
        if (bytes == 0)
                return 0;
        bytes = page_up(bytes);
        if (bytes == 0 || !range_is_mapped(address, bytes))
                return -ENOMEM;
        if (!memory_within(address, bytes))
                return linux_error(sys_memory_protect(0, address, bytes, (unsigned)flags));
        if (flags & MAP_WRITE && memory_flags(address, bytes) & REGION_READ_ALONE)
                return -EACCES;
        if (flags & MAP_WRITE && !data_within(0))
                return -ENOMEM;
        return linux_error(memory_protect(address, bytes, (unsigned)flags));
}

/* What is written to memory that is a file's others see at once. */
int64_t linux_msync(uint64_t address, uint64_t bytes, int flags)
{
        const int both = MS_SYNC | MS_ASYNC;
        const uint64_t length = page_up(bytes);
        if (address % PAGE_SIZE || flags & ~(both | MS_INVALIDATE) || (flags & both) == both)
                return -EINVAL;
        return length >= bytes && range_is_mapped(address, length) ? 0 : -ENOMEM;
}

/* Makes a range longer where it stands; false if something is behind it. */
static bool range_grow(uint64_t address, uint64_t old, uint64_t bytes, unsigned flags,
                       int64_t *result)
{
        if (!memory_within(address, bytes) || !range_is_free(address + old, bytes - old))
                return false;
        *result = range_make(address + old, bytes - old, flags);
        if (*result > 0)
                *result = (int64_t)address;
        return true;
}

/* Copies what is there of a range to one that can be written to. */
static int64_t range_copy(uint64_t to, uint64_t from, uint64_t bytes)
{
        uint64_t end;
        uint32_t flags;
        for (uint64_t at = from; at < from + bytes; at = end) {
                end = memory_region(at, &flags);
                if (!end)
                        return -EFAULT;
                end = end < from + bytes ? end : from + bytes;
                if (!(flags & REGION_BACKED))
                        continue;
                int64_t error = range_populate(to + (at - from), end - at);
                if (!error && !(flags & MAP_READ))
                        error = linux_error(memory_protect(at, end - at, MAP_READ));
                if (error)
                        return error;
                bytes_copy((void *)(to + (at - from)), (const void *)at, end - at);
        }
        return 0;
}

int64_t linux_mremap(const struct linux_arguments *arguments)
{
        uint64_t address = arguments->a, old = page_up(arguments->b);
        uint64_t bytes = page_up(arguments->c);
        uint32_t flags;
        if (arguments->c == 0 || bytes < arguments->c || old == 0 || address % PAGE_SIZE ||
            arguments->d & ~(uint64_t)MREMAP_MAYMOVE)
                return -EINVAL;
        if (!memory_within(address, old) || !memory_region(address, &flags))
                return -EFAULT;
        if (bytes <= old) {
                int64_t result = bytes == old ? 0 : linux_munmap(address + bytes, old - bytes);
                return result ? result : (int64_t)address;
        }
        if (memory_flags(address, old) & (REGION_SHARED | REGION_COPY))
                return -ENOMEM; /* it is as large as it was made; what is behind is the file's */
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
        int64_t error = range_copy(to, address, old);
        if (error) {
                memory_release(to, bytes);
                return error;
        }
        if (!(flags & MAP_WRITE))
                memory_protect(to, bytes, flags);
        memory_release(address, old);
        return result;
}

/* Advice that may be ignored: how memory is used, or how it should be kept. What says what a child
 * of fork is to have of it, or that it is bad, is not advice. */
static bool is_advice(int advice)
{
        return (advice >= MADV_NORMAL && advice <= MADV_WILLNEED) || advice == MADV_DOFORK ||
               (advice >= MADV_MERGEABLE && advice <= MADV_DODUMP) || advice == MADV_KEEPONFORK ||
               advice == MADV_COLD || advice == MADV_PAGEOUT;
}

/* Whether what is in a range can be forgotten: what a program has of a file, and may have changed,
 * would have to be the file's again. MADV_FREE is for anonymous memory that is nobody else's. */
static bool is_forgettable(uint64_t address, uint64_t bytes, int advice)
{
        const uint64_t last = address + bytes;
        uint64_t end;
        uint32_t flags;
        for (uint64_t at = address; memory_next(&at, &end, &flags) && at < last; at = end)
                if (advice == MADV_FREE ? flags & (REGION_COPY | REGION_SHARED)
                                        : flags & REGION_COPY && !(flags & REGION_READ_ALONE))
                        return false;
        return true;
}

/* MADV_DONTNEED makes anonymous memory read as zero again, and MADV_FREE may. */
int64_t linux_madvise(uint64_t address, uint64_t bytes, int advice)
{
        const bool forgets = advice == MADV_DONTNEED || advice == MADV_FREE;
        const uint64_t length = page_up(bytes);
        if (address % PAGE_SIZE || length < bytes || (!forgets && !is_advice(advice)))
                return -EINVAL;
        if (length == 0)
                return 0;
        if (!forgets)
                return range_is_mapped(address, length) ? 0 : -ENOMEM;
        if (!memory_within(address, length))
                return -ENOMEM;
        return is_forgettable(address, length, advice) ? linux_error(memory_forget(address, length))
                                                       : -EINVAL;
}

/* The pages that a range touches. -EINVAL: it goes beyond all addresses. -ENOMEM: not all of it is
 * mapped. */
static int64_t pages_of(uint64_t address, uint64_t bytes, uint64_t *first, uint64_t *length)
{
        *first = address & -(uint64_t)PAGE_SIZE;
        *length = page_up(address + bytes) - *first;
        if (address + bytes < address)
                return -EINVAL;
        return range_is_mapped(*first, *length) ? 0 : -ENOMEM;
}

/* Nothing is paged out, locked or not. */
int64_t linux_munlock(uint64_t address, uint64_t bytes)
{
        uint64_t first, length;
        return pages_of(address, bytes, &first, &length);
}

/* Locked is what is there: nothing is ever paged out. */
int64_t linux_mlock(uint64_t address, uint64_t bytes, uint64_t flags)
{
        uint64_t first, length;
        int64_t error =
            flags & ~(uint64_t)MLOCK_ONFAULT ? -EINVAL : pages_of(address, bytes, &first, &length);
        if (error)
                return error;
        if (flags & MLOCK_ONFAULT || !memory_within(first, length))
                return 0; /* the program's file, its stack: there when it is touched */
        return range_populate(first, length);
}

int64_t linux_mlockall(uint64_t flags)
{
        uint64_t end;
        uint32_t have;
        if (!flags || flags & ~(uint64_t)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
            flags == MCL_ONFAULT)
                return -EINVAL;
        if (flags & MCL_ONFAULT)
                return 0;
        if (flags & MCL_FUTURE)
                memory_promises(false);
        if (!(flags & MCL_CURRENT))
                return 0;
        for (uint64_t at = 0; memory_next(&at, &end, &have); at = end)
                if (have & (MAP_READ | MAP_WRITE | MAP_EXECUTE)) {
                        int64_t error = range_populate(at, end - at);
                        if (error)
                                return error;
                }
        return 0;
}

int64_t linux_munlockall(void)
{
        memory_promises(user_faults_known());
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
                    memory_provide(heap.committed, bytes, MAP_READ | MAP_WRITE) != OUTCOME_OK)
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
